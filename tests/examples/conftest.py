"""The examples, installed by pip as a stranger would install them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NAMES = ("exposure", "dehaze", "arcface")


@pytest.fixture(scope="session")
def examples(root: Path) -> Path:
    """The folder of examples in the checkout."""
    return root / "examples"


@pytest.fixture(scope="session")
def copied(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the examples, which builds and tests may write into."""
    target = tmp_path_factory.mktemp("examples") / "examples"
    shutil.copytree(examples, target, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    return target


@pytest.fixture(scope="session")
def installed(copied: Path) -> str:
    """All three, installed by pip into a folder of their own, which is to be put on PYTHONPATH."""
    site = copied.parent / "site"
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    command += ["--disable-pip-version-check", "--target", str(site)]
    command += [str(copied / f"lowface-{name}") for name in NAMES]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stderr
    return str(site)


@pytest.fixture(scope="session")
def run(installed: str, start: Callable[..., Any]) -> Callable[..., Any]:
    """Runs ``lowface WORDS --json`` with the examples installed; gives what it printed, read as JSON."""

    def command(*words: Any, cwd: Path) -> Any:
        with start(*words, "--json", cwd=cwd, PYTHONPATH=installed) as running:
            out, err = running.communicate(timeout=1500)
        assert running.returncode == 0, err
        return json.loads(out)

    return command
