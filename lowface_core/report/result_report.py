"""A kind of result, what plugins extend for their own: what it holds, when two compare, how a report shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from lowface_core.runs.result_schema import Result

if TYPE_CHECKING:
    from lowface_core.report.charts import Chart
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

    def charts(self, sources: Sequence[Source], names: Sequence[str]) -> list[Chart]:
        """Charts of results of equal condition.

        Args:
            names: all methods of the report, so that a method has the same colour in every chart.
        """
        return []
