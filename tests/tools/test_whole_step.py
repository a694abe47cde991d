"""The step with every loss of the paper gives what the straightforward one does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import naive_losses


@pytest.mark.slow
def test_both_steps_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parents[2] / "tools"), *sys.path])
    from whole_step import time_whole_step

    found = time_whole_step(naive_losses, batch=2, size=128, warmup=0, runs=1)
    assert set(found["losses"]) == {
        *("brightness_cr", "color", "feature_cr", "identity", "perceptual", "semantic_brightness", "smoothness"),
    }
    assert found["relative_difference"]["loss"] <= 1e-3
