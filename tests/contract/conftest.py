"""Fixtures of the contract's tests: a config that trains in a second without weights, and the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

DARKENING = {"type": "linear", "low": 0.1, "high": 0.3}
TINY: dict[str, Any] = {
    "enhancer": {"type": "retinex", "channels": 4, "illumination_channels": 1, "init": "he"},
    "losses": {
        "brightness_cr": {"type": "brightness_cr", "eps": 0.05},
        "color": {"type": "color", "weight": 0.5},
    },
    "train_dataset": {
        "type": "rendered_faces",
        "size": 32,
        "identities": 4,
        "pictures": 2,
        "contrast": True,
        "degradation": DARKENING,
    },
    "max_iters": 2,
    "batch_size": 2,
    "lr": 1e-3,
    "device": "cpu",
    "samples": 1,
    "sample_interval": 0,
}


@pytest.fixture
def write_config(tmp_path: Path) -> Callable[..., Path]:
    """Writes ``tiny.json`` into the test's folder; keywords replace top-level names."""

    def write(**changes: Any) -> Path:
        path = tmp_path / "tiny.json"
        path.write_text(json.dumps({**TINY, **changes}))
        return path

    return write


@dataclass
class Said:
    """What a command said: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


@pytest.fixture
def lowface(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Said]:
    """Runs the command line in this process, by its entry point, in the test's folder."""
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


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[str]]:
    """Starts ``lowface`` as a process, in a process group of its own; ``env`` is added to the environment."""

    def popen(*words: Any, cwd: Path, module: str = "lowface_core", **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *module.split(), *map(str, words)],
            cwd=cwd,
            env={**os.environ, "OMP_NUM_THREADS": "1", **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return popen


@pytest.fixture(scope="session")
def process(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., Said]:
    """Runs ``lowface`` as a process of its own and waits for it."""

    def run(*words: Any, cwd: Path, **env: str) -> Said:
        with start(*words, cwd=cwd, **env) as running:
            out, err = running.communicate(timeout=300)
        return Said(running.returncode, out, err)

    return run
