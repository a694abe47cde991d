"""`lowface --help` and `lowface list-plugins` answer in under a second and import no torch."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HEAVY = ("torch", "torchvision", "mmengine", "numpy", "cv2", "PIL")
COMMANDS = (
    "--help",
    "list-plugins",
    "train --help",
    "list-plugins --json",
    "weights --help",
    "weights list",
    "new-plugin lowface-warmth --kind loss",
)


@pytest.mark.parametrize("words", COMMANDS)
def test_answers_import_nothing_heavy(words: str, python: Callable[..., Any], tmp_path: Path):
    script = (
        "import sys\nfrom lowface_core.cli import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = python("-c", script, *words.split(), cwd=tmp_path, LOWFACE_PLUGINS="lowface")
    assert (done.code, done.err.strip()) == (0, "[]")


@pytest.mark.parametrize("word", ["--help", "list-plugins"])
def test_answers_take_less_than_a_second(word: str):
    def once() -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "lowface_core", word], capture_output=True, timeout=60, check=True)
        return time.perf_counter() - began

    once()
    assert statistics.median(once() for _ in range(5)) < 1.0
