from __future__ import annotations

from typing import Any

import pytest

from lowface_core.errors import PluginError
from lowface_core.registry.result_kinds import ResultRegistrar

GOOD: dict[str, Any] = {"name": "counts", "schema": "a.b:Schema", "report": dict, "command": "count"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "Counts"}, "lower-case"),
        ({"schema": "a.b"}, "schema must be a class"),
        ({"report": 3}, "report must be a class"),
        ({"command": ""}, "command is the name of a command"),
    ],
)
def test_what_cannot_be_used_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        ResultRegistrar("a:b")(**{**GOOD, **change})


def test_a_kind_is_imported_when_it_is_used() -> None:
    register = ResultRegistrar("a:b")
    register(**GOOD)
    (kind,) = register.kinds
    assert kind.resolve_report() is dict
    with pytest.raises(PluginError, match="result kind 'counts' of plugin a:b cannot be imported"):
        kind.resolve_schema()
    with pytest.raises(PluginError, match="twice"):
        register(**GOOD)
