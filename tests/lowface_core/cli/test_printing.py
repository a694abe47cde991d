"""What commands print reaches a terminal as text, whatever names of files hold."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.cli.printing import Printable, printing
from lowface_core.data.images import write_image

NAMES = ["p\x1b[2J.png", "p\x1b]0;owned\x07.png", "p\x7f\x9b31m.png"]


def test_control_characters_become_escapes_and_the_rest_stays() -> None:
    behind = io.StringIO()
    stream = Printable(behind)
    assert stream.write("é\t\x1b[31m\x7f\n") == 9
    stream.writelines(["a\r", "b"])
    assert behind.getvalue() == "é\t\\x1b[31m\\x7f\na\\rb"
    assert not stream.isatty()


def test_streams_are_as_before_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    before = sys.stdout, sys.stderr
    with printing():
        assert sys.stdout.behind is before[0]  # type: ignore[attr-defined]
    assert (sys.stdout, sys.stderr) == before
    with printing():
        sys.stdout = None  # type: ignore[assignment]  # as main does where the reader has gone
    assert sys.stdout is None
    sys.stdout = before[0]


@pytest.mark.parametrize("name", NAMES)
def test_no_command_lets_a_name_steer_the_terminal(lowface: Callable[..., Any], tmp_path: Path, name: str) -> None:
    write_image(tmp_path / "in" / name, np.full((3, 12, 12), 0.5, np.float32))
    (tmp_path / "in" / f"broken{name}").write_bytes(b"no picture")
    for words in (
        ("data", "check", "in", "--jobs", "1"),
        ("enhance", "in", "-o", "out", "--checkpoint", "gamma"),
        ("enhance", "in", "-o", "json", "--checkpoint", "gamma", "--json"),
        ("evaluate", "--enhanced", "in", "--reference", "in", "--work-dir", name),
    ):
        done = lowface(*words)
        control = [c for c in done.out + done.err if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)]
        assert control == [], words
        if "--json" in words:
            assert f"in/{name}" in json.loads(done.out)["pictures"][0]["picture"]
