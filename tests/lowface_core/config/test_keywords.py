"""What an annotation admits, as a check, as a schema and in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from annotated_types import Ge, Gt, Le, Len
from torch import nn

from lowface_core.config.keywords import Keyword, keywords

Share = Annotated[float, Gt(0), Le(1)]
Form = Literal["paper", "released"]
NUMBERS = {"type": "array", "items": {"type": "number"}}


@pytest.mark.parametrize(
    ("annotation", "right", "wrong", "schema", "words"),
    [
        (bool, [True, False], [1, 0, -1, "yes", None], {"type": "boolean"}, "True or False"),
        (int, [3, -1], [True, 3.5, 2.0, "3", None], {"type": "integer"}, "an integer"),
        (float, [1, 0.5, np.float64(2)], [True, "0,1", math.nan, math.inf, "nan", [1]], {"type": "number"}, "a number"),
        (str, ["a", "1e-4"], [1, True, ["a"]], {"type": "string"}, "text"),
        (
            Share,
            [1, "1e-4"],
            [0, 1.5],
            {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
            "a number > 0 and <= 1",
        ),
        (int | None, [None, 2], ["x"], {"anyOf": [{"type": "integer"}, {"type": "null"}]}, "an integer or None"),
        (str | Path, ["a", Path("a")], [3], {"type": "string"}, "text"),
        (Form, ["paper"], ["papr", 1], {"enum": ["paper", "released"]}, "one of 'paper', 'released'"),
        (Literal[1, 3], [1, 3], [True, 1.0, 2], {"enum": [1, 3]}, "one of 1, 3"),
        (Sequence[float], [[1, "1e-1"], (2,)], ["12", 3, ["a"]], NUMBERS, "a list, each a number"),
        (Iterable[float], [[1]], [3], NUMBERS, "a list, each a number"),
        (Annotated[list[int], Len(2, 2)], [[1, 2]], [[1]], None, "a list of 2, each an integer"),
        (tuple[int, str], [[1, "a"]], [[1], ["a", 1]], None, "a list of 2, each an integer, text"),
        (Mapping[str, int], [{"a": 1}], [{"a": "b"}, 3], None, "a dict"),
        (dict, [{}], [3], {"type": "object"}, "a dict"),
        (Any, [3, "a", None], [], {}, "anything"),
        (nn.Module, [3, nn.Identity()], [], {}, "anything"),
        (int | nn.Module, ["a"], [], {}, "anything"),
        (Annotated[str, Gt("a"), Ge(3)], ["b"], [], None, None),
    ],
)
def test_an_annotation_admits(
    annotation: Any, right: list[Any], wrong: list[Any], schema: dict[str, Any] | None, words: str | None
) -> None:
    keyword = Keyword(annotation)
    assert [value for value in right if keyword.fault("x", value)] == []
    assert [value for value in wrong if not keyword.fault("x", value)] == []
    assert schema is None or keyword.schema == schema
    assert words is None or keyword.expected == words


def test_values_are_converted_where_the_annotation_says_so() -> None:
    assert Keyword(float).accepted("1e-4") == 1e-4
    assert Keyword(Share | tuple[Share, Share]).accepted([0.1, "5e-1"]) == (0.1, 0.5)
    assert Keyword(str | float).accepted("1e-4") == "1e-4"
    assert Keyword(Path).accepted("a/b") == Path("a/b")


def test_objects_of_the_caller_pass_as_they_are() -> None:
    array = np.zeros(3)
    assert Keyword(Sequence[float]).accepted(array) is array
    assert Keyword(int).fault("x", nn.Identity()) is None


def test_a_signature_with_quoted_later_and_unknown_names() -> None:
    def factory(a: "float" = 1.0, b: NoSuchName = 3, c=4, d: int = None, *rest: int, **more: Any) -> None:  # type: ignore  # noqa
        pass

    found = keywords(factory)
    assert list(found) == ["a", "b", "c", "d"]
    assert keywords(factory) is found
    assert found["a"].expected == "a number"
    assert [found[name].fault("x", "anything") for name in "bc"] == [None, None]
    assert found["d"].fault("x", None) is None
    assert found["d"].fault("x", "3") == "x: must be an integer or None, not '3'"
