"""What a result must hold: pydantic models that plugins extend for kinds of their own, and their faults by path."""

from __future__ import annotations

import re
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError, model_validator

from lowface_core.registry.trace import short

#: Versions of the pictures that results speak of.
Stage = Literal["low", "enhanced", "normal"]
STAGES: tuple[str, ...] = get_args(Stage)


class Part(BaseModel):
    """A JSON object inside a result; keys that it does not name are let through."""

    model_config = ConfigDict(strict=True)


class Figure(Part):
    """A number with the bounds of its 95 % interval and its spread; null where it is undefined."""

    value: float | None
    low: float | None = None
    high: float | None = None
    std: float | None = None
    note: str | None = None


class Result(Part):
    """The keys of every result; a kind's schema adds its own.

    ``title`` is the method's name, ``pictures`` how many were measured, ``data`` the fingerprint of the data set.
    """

    format: int
    kind: str
    title: str
    pictures: int | None
    data: str
    manifest: dict[str, Any]


class Picture(Part):
    """An entry of ``pictures/index.json``: a picture's thumbnails by stage, its group, what is shown below it."""

    key: str
    group: str
    stages: dict[Stage, str]
    numbers: dict[str, float | None] | None = None
    note: str | None = None


class PictureIndex(RootModel[list[Picture]]):
    """``pictures/index.json``."""


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


def schema_faults(schema: type[BaseModel], content: Any) -> list[str]:
    """What keeps ``content`` from fitting a schema, a line each: ``stages.low.cmc: should be a valid list, not 3``."""
    try:
        schema.model_validate(content)
    except ValidationError as error:
        return [_line(fault["loc"], fault["type"], fault["msg"], fault["input"]) for fault in error.errors()]
    return []


def _line(location: tuple[int | str, ...], kind: str, message: str, value: Any) -> str:
    path = ".".join(str(part) for part in location if part != "[key]")
    if kind == "missing":
        return f"{path} is missing"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    wanted = re.sub(r"a valid dictionary( or instance of \w+)?", "a JSON object", message.removeprefix("Input "))
    return f"{path or 'the whole'}: {wanted}, not {short(value)}"
