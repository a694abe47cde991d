from __future__ import annotations

import re
from pathlib import Path

import pytest

from lowface_core.doctor.environment_variables import examine
from lowface_core.doctor.finding import FAULT, OK, WARNING
from lowface_core.variables import OF_TESTS, SWITCHES, VARIABLES


@pytest.mark.parametrize(
    ("name", "value", "level", "part"),
    [
        ("LOWFACE_HOEM", "/x", FAULT, "write LOWFACE_HOME"),
        ("LOWFACE_PLUGIN", "x", FAULT, "write LOWFACE_PLUGINS"),
        ("lowface_home", "/x", FAULT, "write LOWFACE_HOME"),
        ("LOW_FACE_OFFLINE", "1", FAULT, "write LOWFACE_OFFLINE"),
        ("LOWFACE_BANANA", "1", WARNING, "unset it, unless a plugin reads it"),
        ("LOWFACE_STRICT", "yes", FAULT, "write LOWFACE_STRICT=1"),
        ("LOWFACE_STRICT", "0", OK, ""),
        ("LOWFACE_TRACE", "1", OK, ""),
        ("LOWFACE_LOG", "Debug", OK, ""),
        ("LOWFACE_LOG", "warn", FAULT, "did you mean 'warning'?"),
        ("LOWFACE_PLUGINS", "retinex, lowface:face", OK, ""),
        ("LOWFACE_PLUGINS", "retinx", FAULT, "did you mean 'retinex'?"),
        ("LOWFACE_HOME", "weights", WARNING, "absolute path"),
        ("LOWFACE_HOME", "~/weights", OK, ""),
    ],
)
def test_a_variable_has_a_level_and_a_cure(name: str, value: str, level: str, part: str) -> None:
    (found,) = examine({name: value})
    assert found.level == level
    assert part in found.cure


@pytest.mark.parametrize("name", ["HOME", "FACE_HOME", "SLOWFACE_HOME", *OF_TESTS])
def test_what_is_not_lowfaces_is_left_alone(name: str) -> None:
    assert list(examine({name: "x"})) == []


def test_the_table_has_every_variable_that_the_code_reads(root: Path) -> None:
    sources = [path for folder in ("lowface_core", "plugins") for path in (root / folder).rglob("*.py")]
    read = {name for path in sources for name in re.findall(r"LOWFACE_[A-Z]+(?:_[A-Z]+)*", path.read_text("utf-8"))}
    assert read - {"LOWFACE_CONTRACT"} == set(VARIABLES) | set(OF_TESTS)
    assert set(SWITCHES) <= set(VARIABLES)
