"""The command line, run in this process, for the commands of the data plugin."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass
class Said:
    """What a command said: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


@pytest.fixture
def lowface(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Said]:
    """Runs a command by its entry point, in the test's folder."""
    from lowface_core.cli import main

    def run(*words: Any) -> Said:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["lowface", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        told = capsys.readouterr()
        return Said(int(stopped.value.code or 0), told.out, told.err)

    return run
