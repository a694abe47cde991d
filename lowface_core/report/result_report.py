"""A kind of result, what plugins extend for their own: what it holds, when two compare, how a report shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from lowface_core.report.tables import Column, Table, cell, make, number, stage_rows
from lowface_core.runs.result_schema import Evaluation, Result

if TYPE_CHECKING:
    from lowface_core.report.album import Album
    from lowface_core.report.charts import Chart
    from lowface_core.report.galleries import Gallery
    from lowface_core.report.inputs import Source
    from lowface_core.report.tables import Table


class ResultReport:
    """A kind of result.

    Attributes:
        schema: what ``result.json`` must hold.
        command: the command of lowface that leaves such results.
        heading: title of its charts.
        groups: group of ``pictures/index.json`` → heading and what is in it, in the order of the page. ``sample`` is
            shown side by side by every report and needs no entry.
        facts: keys of the result that stand below its manifest.
    """

    schema: ClassVar[type[Result]]
    command: ClassVar[str]
    heading: ClassVar[str] = ""
    groups: ClassVar[Mapping[str, tuple[str, str]]] = {}
    facts: ClassVar[tuple[str, ...]] = ("protocol",)

    def measured(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """What must agree before two results may stand side by side: name → plain data.

        A name that only one of two results has is no obstacle.
        """
        return {}

    def has_numbers(self, content: Mapping[str, Any]) -> bool:
        """Whether a result has anything to show in a table."""
        return True

    def condition(self, content: Mapping[str, Any]) -> Any:
        """Plain data that are equal for results which differ in nothing but the method.

        Only such results share a table and are ranked together; by default those on equal data.
        """
        return content.get("data")

    def tables(self, sources: Sequence[Source]) -> list[Table]:
        """Tables of results of equal condition; identifiers and captions need not tell conditions apart."""
        return []

    def galleries(self, source: Source, album: Album) -> list[Gallery]:
        """Picture grids of a result beside those that every report makes of ``pictures/``."""
        return []

    def charts(self, sources: Sequence[Source], names: Sequence[str]) -> list[Chart]:
        """Charts of results of equal condition.

        Args:
            names: all methods of the report, so that a method has the same colour in every chart.
        """
        return []


if TYPE_CHECKING:
    from lowface_core.report.inputs import Source


class EvaluationReport(ResultReport):
    """Metrics by stage, and the worst pictures."""

    schema, command = Evaluation, "evaluate"
    groups: ClassVar[Mapping[str, tuple[str, str]]] = {
        "worst": ("Worst", "The pictures with the worst numbers after enhancement.")
    }
    facts = ("iterations", "training_seconds", "best")

    def measured(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Each column's metric, variant, and the heads that it reads."""
        keys = ("metric", "variant", "heads")
        return {name: {key: column.get(key) for key in keys} for name, column in content["columns"].items()}

    def has_numbers(self, content: Mapping[str, Any]) -> bool:
        """A training run may lack a closing table."""
        return bool(content["table"])

    def tables(self, sources: Sequence[Source]) -> list[Table]:
        """One table of all metrics."""
        columns: dict[str, Column] = {}
        for source in sources:
            for key in dict.fromkeys(k for row in source.content["table"].values() for k in row):
                columns.setdefault(key, Column.of(key, source.content["columns"].get(key, {})))
        notes = []
        if any(not s.content["columns"] for s in sources):
            notes.append("The run does not say which direction is better, so nothing is marked.")
        if any(s.kind == "training" for s in sources):
            notes.append("Training runs: their closing table on the test set, by the checkpoint they chose.")
        rows = stage_rows(sources, "table", lambda stage: [cell(stage.get(key)) for key in columns])
        return [make("quality", "Metrics", list(columns.values()), rows, notes)]


class PretrainingReport(ResultReport):
    """Scores of pretrained heads, as their task names them; a task does not say which direction is better."""

    command = "pretrain"
    facts = ("iterations", "training_seconds", "scores")

    def has_numbers(self, content: Mapping[str, Any]) -> bool:
        """Whether the task measured anything."""
        return any(_flat(content.get("scores") or {}))

    def condition(self, content: Mapping[str, Any]) -> Any:
        """Nothing is ranked, so all heads share a table."""
        return None

    def tables(self, sources: Sequence[Source]) -> list[Table]:
        """One table of all scores."""
        scores = [dict(_flat(source.content["scores"])) for source in sources]
        columns = [Column(key, key) for key in dict.fromkeys(k for row in scores for k in row)]
        rows = [(s.name, [cell(row.get(c.key)) for c in columns]) for s, row in zip(sources, scores, strict=True)]
        return [make("pretraining", "Pretrained heads", columns, [("test set", rows)])]


def _flat(scores: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, float]]:
    for key, value in scores.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{key}/")
        elif (finite := number(value)) is not None:
            yield f"{path}{key}", finite
