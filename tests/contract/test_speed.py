"""`lowface --help` and `lowface list-plugins` answer in under a second and import no torch."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

import pytest

HEAVY = ("torch", "torchvision", "mmengine", "numpy", "cv2", "PIL")


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["list-plugins"],
        ["train", "--help"],
        ["list-plugins", "--json"],
        ["weights", "--help"],
        ["weights", "list"],
    ],
)
def test_answers_import_nothing_heavy(words: list[str]):
    script = (
        "import sys\nfrom lowface_core.cli import main\n"
        f"sys.argv = ['lowface', *{words!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    env = {**os.environ, "LOWFACE_PLUGINS": "lowface"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True, env=env
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("word", ["--help", "list-plugins"])
def test_answers_take_less_than_a_second(word: str):
    def once() -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "lowface_core", word], capture_output=True, timeout=60, check=True)
        return time.perf_counter() - began

    once()
    assert statistics.median(once() for _ in range(5)) < 1.0
