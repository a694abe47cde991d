from __future__ import annotations

import sys

import pytest

from lowface_core.registry.trace import call, diverted, short, timed, trace


def test_nothing_is_said_unless_asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("LOWFACE_TRACE", raising=False)
    trace("a line")
    with timed("a call"):
        pass
    assert capsys.readouterr() == ("", "")


def test_a_call_is_said_with_its_duration_and_what_it_raised(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOWFACE_TRACE", "1")
    with timed("one"):
        trace("inside")
    with pytest.raises(ValueError, match="two"), timed("two"):
        raise ValueError("two")
    out, err = capsys.readouterr()
    assert out == ""
    inside, one, two = err.splitlines()
    assert inside == "trace: inside"
    assert one.startswith("trace: one (")
    assert one.endswith(" ms)")
    assert two.startswith("trace: two (")
    assert two.endswith(" ms, raised ValueError)")


def test_long_values_are_shortened_to_one_line() -> None:
    assert call("f", {"a": 1, "b": "x\ny"}) == "f(a=1, b='x\\ny')"
    assert len(short(list(range(1000)))) <= 80
    assert short(list(range(1000))).endswith("…")


def test_what_is_printed_goes_to_stderr_with_its_owners_name(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[str] = []
    with diverted("plugin a:b", seen.append):
        print()
        print("one")
        print("two", end="")
        sys.stdout.flush()
    print("after")
    assert capsys.readouterr() == ("after\n", "lowface: plugin a:b prints: one\ntwo\n")
    assert "".join(seen) == "one\ntwo"


def test_silence_says_nothing_and_an_error_passes(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout
    with pytest.raises(KeyError), diverted("plugin a:b"):
        raise KeyError("x")
    assert sys.stdout is before
    assert capsys.readouterr() == ("", "")
