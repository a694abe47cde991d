"""The kinds of result there are: the core's own, registered as a plugin would, and those of the plugins."""

from __future__ import annotations

from typing import Any

from lowface_core import __version__
from lowface_core.errors import DataError, PluginError
from lowface_core.registry.loader import Plugin, Plugins, plugins
from lowface_core.registry.registration import Registrar

EVALUATION = "evaluation"
CORE = Plugin("lowface:core", "lowface", __version__, "core", "lowface_core")
_register = Registrar("result", CORE.key, "lowface_core", CORE.components)
_register(EVALUATION, "lowface_core.report.evaluation_report:EvaluationReport")


def known_kinds() -> Plugins:
    """Everybody who registers kinds of result, the core first."""
    return Plugins([CORE, *plugins().loaded])


def find_kind(name: object) -> Any:
    """The kind that a result names, an instance of the class that was registered.

    Raises:
        DataError: nobody offers it, several plugins do, or it cannot be imported.
    """
    try:
        offer = Plugins([CORE]) if name == EVALUATION else known_kinds()  # nobody can take the core's own over
        return offer.find("result", str(name)).resolve()()
    except PluginError as error:
        raise DataError(f"kind: {error}") from error
