"""The progress bar shows on a terminal and is silent elsewhere."""

from __future__ import annotations

import io
import re
import sys
import time

import pytest

from lowface_core.progress import counted, tracked


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_it_is_silent_where_stderr_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with counted("evaluating", 3) as advance:
        advance(3)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")


def test_a_terminal_shows_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")  # rich draws no bar on a dumb one
    with counted("evaluating", 3) as advance:
        advance(2)
    assert "evaluating" in screen.getvalue()
    assert "2/3" in screen.getvalue()


def test_a_terminal_shows_how_many_in_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with counted("enhancing", 100, unit="pictures") as advance:
        for _ in range(100):
            advance(1)
            time.sleep(0.001)
    assert re.search(r"\d\.\d pictures/s", screen.getvalue())
    assert "ETA" in screen.getvalue()


def test_a_list_is_passed_through_whole_with_a_bar_for_more_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    assert list(tracked([7], "enhancing")) == [7]
    assert screen.getvalue() == ""
    assert list(tracked([7, 8, 9], "enhancing")) == [7, 8, 9]
    assert "3/3" in screen.getvalue()
