"""Fixtures of the contract's tests: a config that trains in a second without weights, and the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
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


@pytest.fixture(scope="session")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy, so that the build leaves nothing in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("lowface_core", "plugins", "configs", "pyproject.toml", "setup.py", "README.md", "LICENSE"):
        path = root / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(path, source / name)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (built,) = folder.glob("lowface-*.whl")
    return built
