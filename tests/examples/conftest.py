"""The examples, installed by pip as a stranger would install them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NAMES = ("exposure", "dehaze", "arcface", "sr4ir")


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
def installed(copied: Path, pip_install: Callable[..., str]) -> str:
    """All of them, installed by pip into a folder of their own, which is to be put on PYTHONPATH."""
    return pip_install(copied.parent / "site", *(copied / f"lowface-{name}" for name in NAMES))


@pytest.fixture(scope="session")
def run(installed: str, process: Callable[..., Any]) -> Callable[..., Any]:
    """Runs ``lowface WORDS --json`` with the examples installed; gives what it printed, read as JSON."""

    def command(*words: Any, cwd: Path) -> Any:
        done = process(*words, "--json", cwd=cwd, PYTHONPATH=installed)
        assert done.code == 0, done.err
        return json.loads(done.out)

    return command
