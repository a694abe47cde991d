"""What the reports of identification and verification share: conditions, notes, and what enhancement changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from lowface_core.report.charts import Chart, before_after, by_stage, draw
from lowface_core.report.inputs import Source
from lowface_core.report.result_report import ResultReport
from lowface_core.report.svg import Points
from lowface_core.report.tables import Cell, Column, Table, cell, make, stage_rows

UNDETECTED = "No face was found; each is counted as a wrong answer."
COUNTED = "An undetected face is a wrong answer and is counted as one."
INTERVALS = "Brackets: 95 % intervals, bootstrap over identities."

#: A column, and how its cell is made of what a result holds for a stage.
Number = tuple[Column, Callable[[Mapping[str, Any]], Cell]]


class RecognitionReport(ResultReport):
    """Base of both reports.

    Attributes:
        id: identifier of the table; the heading is its caption.
        headline: key, label and chart title of the number that is shown before and after enhancement.
    """

    id: ClassVar[str]
    headline: ClassVar[tuple[str, str, str]]
    groups: ClassVar[Mapping[str, tuple[str, str]]] = {
        "lost": ("Lost by enhancement", "Recognised before, not after."),
        "undetected": ("Undetected", UNDETECTED),
        "gained": ("Gained by enhancement", "Recognised after, not before."),
    }
    facts = ("protocol", "recogniser", "pairs", "gallery", "probes")

    def numbers(self, sources: Sequence[Source]) -> list[Number]:
        """The table's columns."""
        raise NotImplementedError

    def counts(self, content: Mapping[str, Any]) -> str:
        """How much was compared, in a sentence."""
        raise NotImplementedError

    def curve(self, sources: Sequence[Source], names: Sequence[str]) -> Chart | None:
        """The curve that belongs to the kind."""
        raise NotImplementedError

    def measured(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """With which networks faces were found and compared."""
        return {"recogniser": content["recogniser"]}

    def condition(self, content: Mapping[str, Any]) -> Any:
        """Data, recogniser, pairs or probes, and the protocol but for the enhancer."""
        keys = ("data", "recogniser", "pairs", "probes")
        protocol = {key: value for key, value in content["protocol"].items() if key != "enhancer"}
        return [*(content.get(key) for key in keys), protocol]

    def tables(self, sources: Sequence[Source]) -> list[Table]:
        """The figures with intervals, and what enhancement changed."""
        numbers, content = self.numbers(sources), sources[0].content
        rows = stage_rows(sources, "stages", lambda stage: [read(stage) for _, read in numbers])
        recogniser = f"Recogniser, the same for every row: {describe(content['recogniser'])}."
        notes = [f"{self.counts(content)} {COUNTED}", *degraded(content["protocol"]), recogniser, INTERVALS]
        figures = make(self.id, self.heading, [column for column, _ in numbers], rows, notes)
        changed = [s for s in sources if "gained" in s.content or "change" in s.content]
        return [figures, *([self._changes(changed)] if changed else [])]

    def _changes(self, sources: Sequence[Source]) -> Table:
        key, label, _ = self.headline
        columns = [
            Column(f"change {key}", f"change of {label}", "higher", unit="points", percent=True),
            Column("gained", "gained", "higher", unit="count"),
            Column("lost", "lost", "lower", unit="count"),
        ]
        rows = []
        for source in sources:
            keys = (source.content.get(name) for name in ("gained", "lost"))
            change = (source.content.get("change") or {}).get(key)
            rows.append((source.name, [cell(change), *(cell(None if k is None else len(k)) for k in keys)]))
        notes = ["Gained: right after enhancement, but not before; lost: the reverse.", INTERVALS]
        caption = f"{self.heading}: gained and lost by enhancement"
        return make(f"changes-{self.id}", caption, columns, [("low → enhanced", rows)], notes)

    def charts(self, sources: Sequence[Source], names: Sequence[str]) -> list[Chart]:
        """Before and after, and the curve."""
        key, _, title = self.headline
        return [chart for chart in (before_after(sources, key, title), self.curve(sources, names)) if chart]


def share(key: str, label: str, better: str = "higher") -> Number:
    """A column of shares."""
    return Column(key, label, better, percent=True), lambda stage: cell(stage.get(key))


def rates(sources: Sequence[Source], field: str, at: str, value: str) -> list[Number]:
    """A column for each rate at which another rate is given, such as TAR at each FAR."""

    def entries(stage: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        return {f"{entry[at]:g}".replace("e-0", "e-"): entry for entry in stage.get(field) or []}

    def reading(point: str) -> Callable[[Mapping[str, Any]], Cell]:
        def read(stage: Mapping[str, Any]) -> Cell:
            entry = entries(stage).get(point, {})
            return cell(entry.get(value), entry.get("note"))

        return read

    points = dict.fromkeys(p for s in sources for stage in s.content["stages"].values() for p in entries(stage))
    label = f"{value.upper()} at {at.upper()}"
    return [(Column(f"{value}@{p}", f"{label} {p}", "higher", percent=True), reading(p)) for p in points]


def stage_curve(
    title: str,
    axes: tuple[str, str],
    sources: Sequence[Source],
    names: Sequence[str],
    points: Callable[[Source, str], Points],
    note: str,
    log_x: bool = False,
) -> Chart | None:
    """Shares by method and stage; the y axis ends at one and begins at the tenth below the lowest."""
    lines = [line for line in by_stage(sources, points, names) if line.defined]
    if not lines:
        return None
    lowest = min(y for line in lines for _, y in line.defined)
    floor = max((lowest * 10 - 1e-9) // 1 / 10, 0.0)
    return draw(title, lines, *axes, log_x=log_x, y_range=(floor, 1.0), note=note)


def degraded(protocol: Mapping[str, Any]) -> list[str]:
    """How the low pictures were made of normal ones, the same for every row; nothing for pictures that were dark."""
    made = protocol.get("degradation")
    if not isinstance(made, dict):
        return []
    settings = ", ".join(f"{key} {_setting(value)}" for key, value in made.items() if key != "type")
    times = protocol.get("repeats") or 1
    often = f", {times} times each" if times > 1 else ""
    return [f"Low pictures: made by {made.get('type')}" + (f" ({settings})" if settings else "") + f"{often}."]


def _setting(value: Any) -> str:
    return "–".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def describe(config: Any) -> str:
    """A component config in a few words: ``face (encoder mobilefacenet, detector retinaface)``."""
    if not isinstance(config, dict):
        return str(config or "not stated")
    own = str(config.get("type", ""))
    parts = ", ".join(f"{k} {describe(v)}" for k, v in config.items() if isinstance(v, dict) and "type" in v)
    return " ".join(t for t in (own, f"({parts})" if own and parts else parts) if t) or "not stated"
