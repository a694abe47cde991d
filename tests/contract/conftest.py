"""Fixtures of the contract's tests: a config that trains in a second without weights, and the command line."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
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


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Installs a package as pip would leave it: ``stranger("haze-free", source, parts="…")`` → the site folder.

    ``source`` is its ``__init__.py``, further keywords are modules of it. This process sees it at once; another
    one with the folder on ``PYTHONPATH``.
    """
    from lowface_core.registry.loader import plugins

    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    made = []

    def install(distribution: str, source: str, entry: str = "plugin", version: str = "1.0", **modules: str) -> Path:
        package = distribution.replace("-", "_")
        made.append(package)
        (site / package).mkdir()
        for name, text in {"__init__": source, **modules}.items():
            (site / package / f"{name}.py").write_text(text)
        facts = site / f"{package}-{version}.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (facts / "entry_points.txt").write_text(f"[lowface]\n{entry} = {package}\n")
        importlib.invalidate_caches()
        plugins.cache_clear()
        return site

    plugins.cache_clear()
    yield install
    plugins.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] in made]:
        del sys.modules[name]


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
