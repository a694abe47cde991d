"""Freed memory goes back to the system where the C library can do that, and nothing fails where it cannot."""

from __future__ import annotations

import platform
import sys

import pytest

from lowface_core.step import spare_memory


def test_glibc_is_asked_and_others_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    trim = spare_memory._trim()
    if platform.libc_ver()[0] == "glibc":
        assert trim is not None
        assert trim(0) in (0, 1)
    asked: list[int] = []
    monkeypatch.setattr(spare_memory, "_trim", lambda: asked.append)
    spare_memory.give_back()
    assert asked == [0]
    monkeypatch.undo()
    monkeypatch.setattr(sys, "platform", "win32")
    spare_memory._trim.cache_clear()
    assert spare_memory._trim() is None
    spare_memory.give_back()
    spare_memory._trim.cache_clear()
