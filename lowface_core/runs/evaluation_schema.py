"""What an evaluation's result holds, and the closing table of a training run, which is read as one."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from lowface_core.runs.result_schema import Part, Result, Stage

Table = dict[Stage, dict[str, float | None]]


class Column(Part):
    """What the numbers of a column are; ``heads`` are the configs of the heads that the metric reads."""

    metric: str
    variant: str
    better: Literal["higher", "lower"]
    unit: str
    source: str
    heads: dict[str, Any] | None = None


class Evaluation(Result):
    """An evaluation: the mean of each metric on the pictures of each stage."""

    columns: dict[str, Column]
    table: Table

    @model_validator(mode="after")
    def _has_columns(self) -> Evaluation:
        for stage, row in self.table.items():
            for name in row:
                if name not in self.columns:
                    raise ValueError(f"table.{stage}.{name} has no column")
        return self


class TrainingSummary(Part):
    """``summary.json`` of a training run, or ``record.json`` of a pretrained head; either may lack any key."""

    columns: dict[str, Column] | None = None
    test: Table | None = None
    scores: dict[str, Any] | None = None
