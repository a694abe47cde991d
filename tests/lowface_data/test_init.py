"""What the package registers: names, parts, and no torch on the way, nor when pictures are served."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import lowface_data
from lowface_core.registry.components import parameters
from lowface_core.registry.registration import import_reference


def registered(hook: str) -> dict[str, tuple[str, dict[str, Any]]]:
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    getattr(lowface_data, hook)(lambda name, factory, **facts: found.update({name: (factory, facts)}))
    return found


def test_names_and_parts() -> None:
    datasets = registered("register_datasets")
    assert set(datasets) == {
        "rendered_faces",
        "lapa_face",
        "lapa",
        "celeba_mask_hq",
        "lfw",
        "casia_facev5",
        "paired_folder",
        "unpaired_folder",
        "image_folder",
        "contrast",
        "augmented",
    }
    for name, (reference, facts) in datasets.items():
        taken = parameters(import_reference(reference, name))
        assert set(facts.get("parts", {})) == {"degradation", "contrast_from", "dataset"} & set(taken), name
    degradations = registered("register_degradations")
    assert set(degradations) == {"linear", "gamma_noise", "sensor", "additive_noise", "haze", "compose"}


@pytest.mark.parametrize("module", ["lowface_data", "lowface_data.folders.masks", "lowface_data.degradations.sensor"])
def test_imports_no_torch(module: str) -> None:
    plugins = Path(lowface_data.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (plugins.parent, plugins)))}
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
