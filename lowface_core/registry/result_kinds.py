"""Kinds of result: what a command leaves behind in ``result.json``, and how a report shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lowface_core.errors import PluginError
from lowface_core.registry.registration import NAME, REFERENCE, import_reference


@dataclass(frozen=True)
class ResultKind:
    """A kind of result.

    Attributes:
        name: what ``result.json`` says under ``kind``.
        schema: what a result must hold and what it measures, a subclass of ``lowface_core.runs.result_schema.Result``,
            or the text ``"module:attribute"``, imported when such a result is written or read.
        report: its tables, charts and picture groups, a subclass of ``lowface_core.report.result_report.ResultReport``,
            or the text, imported when such a result is shown.
        command: the command of lowface that leaves such results.
        plugin: key of the plugin, ``distribution:entry-point``.
    """

    name: str
    schema: Any
    report: Any
    command: str
    plugin: str

    def resolve_schema(self) -> Any:
        """The schema itself; raises ``PluginError`` when it cannot be imported."""
        return import_reference(self.schema, f"result kind {self.name!r} of plugin {self.plugin}")

    def resolve_report(self) -> Any:
        """The report class itself; raises ``PluginError`` when it cannot be imported."""
        return import_reference(self.report, f"result kind {self.name!r} of plugin {self.plugin}")


class ResultRegistrar:
    """The ``register`` callback of ``register_results`` for one plugin; collects what it offers in ``kinds``."""

    def __init__(self, plugin: str) -> None:
        self.plugin, self.kinds = plugin, list[ResultKind]()

    def __repr__(self) -> str:
        return "<register a kind of result>"

    def __call__(self, name: str, schema: Any, *, report: Any, command: str) -> None:
        """See :class:`lowface_core.registry.hookspecs.RegisterResult`."""
        what = f"result kind {name!r}"
        if not isinstance(name, str) or not NAME.match(name):
            raise PluginError(f"{what}: a name is lower-case letters, digits and underscores")
        for role, value in (("schema", schema), ("report", report)):
            if not (isinstance(value, type) or (isinstance(value, str) and REFERENCE.match(value))):
                raise PluginError(f'{what}: {role} must be a class or the text "module:attribute"')
        if not isinstance(command, str) or not command:
            raise PluginError(f"{what}: command is the name of a command, such as 'evaluate'")
        if any(kind.name == name for kind in self.kinds):
            raise PluginError(f"{what} is registered twice by the same plugin")
        self.kinds.append(ResultKind(name, schema, report, command, self.plugin))
