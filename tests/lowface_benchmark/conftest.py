"""A benchmark of seconds: two methods, one of which fails, on rendered faces."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

DARK = {"type": "linear", "low": 0.1, "high": 0.3}
FACES = {"type": "rendered_faces", "size": 48, "identities": 4, "pictures": 2, "degradation": DARK}


@pytest.fixture
def write_benchmark(tmp_path: Path) -> Callable[..., Path]:
    """Writes ``bench.json`` into the test's folder; keywords replace its sections."""
    torch.save({"some.weight": torch.zeros(3)}, tmp_path / "others.pth")

    def write(**changes: Any) -> Path:
        content = {
            "methods": {
                "gain": {"type": "gain", "factor": 4.0},
                "broken": {"type": "zero_dce", "weights": str(tmp_path / "others.pth")},
            },
            "datasets": {
                "rendered": {
                    "dataset": FACES,
                    "metrics": {"psnr": {"type": "psnr"}, "brightness": {"type": "brightness"}},
                }
            },
            "device": "cpu",
            **changes,
        }
        path = tmp_path / "bench.json"
        path.write_text(json.dumps(content))
        return path

    return write
