"""What the package registers: names, parts, and no torch on the way, nor when pictures are served."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import lowface_data


def registered(hook: str) -> dict[str, tuple[str, dict[str, Any]]]:
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    getattr(lowface_data, hook)(lambda name, factory, **facts: found.update({name: (factory, facts)}))
    return found


def test_names_and_parts() -> None:
    datasets = registered("register_datasets")
    assert set(datasets) == {"rendered_faces", "lapa_face"}
    assert all(facts == {"parts": {"degradation": "degradation"}} for _, facts in datasets.values())
    assert registered("register_degradations") == {"linear": ("lowface_data.linear:LinearDarkening", {})}


@pytest.mark.parametrize("module", ["lowface_data", "lowface_data.lapa_face", "lowface_data.linear"])
def test_imports_no_torch(module: str) -> None:
    plugins = Path(lowface_data.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (plugins.parent, plugins)))}
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
