"""What the package registers: parts, and no torch on the way, nor when pictures are served."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import lowface_data
from lowface_core.registry.components import parameters
from lowface_core.registry.registration import import_reference


def registered(hook: str) -> dict[str, tuple[str, dict[str, Any]]]:
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    getattr(lowface_data, hook)(lambda name, factory, **facts: found.update({name: (factory, facts)}))
    return found


def test_parts_are_what_the_data_sets_take() -> None:
    datasets = registered("register_datasets")
    for name, (reference, facts) in datasets.items():
        taken = parameters(import_reference(reference, name))
        assert set(facts.get("parts", {})) == {"degradation", "contrast_from", "dataset", "datasets"} & set(taken), name


def test_imports_no_torch() -> None:
    plugins = Path(lowface_data.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (plugins.parent, plugins)))}
    modules = "lowface_core.data.images, lowface_data.folders.lapa_face, lowface_data.degradations.sensor"
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
