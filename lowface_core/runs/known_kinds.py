"""The kinds of result there are: the core's own, registered as a plugin would, and those of the plugins."""

from __future__ import annotations

from lowface_core.errors import DataError, PluginError, listing, nearest
from lowface_core.registry.hookspecs import RegisterResult, hookimpl
from lowface_core.registry.loader import plugins
from lowface_core.registry.result_kinds import ResultKind, ResultRegistrar

EVALUATION = "evaluation"


@hookimpl
def register_results(register: RegisterResult) -> None:
    """Offers evaluations."""
    register(
        EVALUATION,
        "lowface_core.runs.evaluation_schema:Evaluation",
        report="lowface_core.report.evaluation_report:EvaluationReport",
        command="evaluate",
    )


def known_kinds() -> list[ResultKind]:
    """Every kind of result, the core's first."""
    core = ResultRegistrar("lowface:core")
    register_results(core)
    return [*core.kinds, *(kind for plugin in plugins().loaded for kind in plugin.results)]


def find_kind(name: object) -> ResultKind:
    """The kind that a result names.

    Raises:
        DataError: nobody offers it; the nearest name and plugins that failed to load are named.
        PluginError: several plugins claim the name.
    """
    kinds = known_kinds()
    hits = [kind for kind in kinds if kind.name == name]
    if not hits:
        names = [kind.name for kind in kinds]
        failed = "".join(f"; plugin {p.key} failed to load: {p.error}" for p in plugins().loaded if p.error)
        raise DataError(f"kind is {name!r}{nearest(str(name), names)}; one of {listing(names)}{failed}")
    if len(hits) > 1 and hits[0].name != EVALUATION:
        claims = " and ".join(kind.plugin for kind in hits)
        raise PluginError(f"kind {name!r} is claimed by plugins {claims}; leave one out with LOWFACE_PLUGINS=-NAME")
    return hits[0]
