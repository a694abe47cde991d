"""What the plugins of losses, heads and enhancers register, and that registering imports nothing large."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import Any

import pytest

EXPECTED = {
    "lowface_baselines": {"register_enhancers": ["gamma"]},
    "lowface_retinex": {"register_enhancers": ["retinex"]},
    "lowface_contrast": {"register_losses": ["feature_cr", "brightness_cr"]},
    "lowface_fidelity": {
        "register_losses": ["perceptual", "color", "smoothness"],
        "register_heads": ["vgg16", "timm_features", "timm_classifier", "mobilenet_v1", "small_features"],
    },
    "lowface_semantic": {
        "register_losses": ["semantic_brightness"],
        "register_heads": ["deeplabv3plus", "deeplabv3plus_mobilenet"],
    },
}


@pytest.mark.parametrize("package", EXPECTED)
def test_registers_what_exists(package: str) -> None:
    plugin = importlib.import_module(package)
    for hook, names in EXPECTED[package].items():
        offered: dict[str, tuple[str, dict[str, Any]]] = {}
        getattr(plugin, hook)(lambda name, factory, offered=offered, **facts: offered.update({name: (factory, facts)}))
        assert list(offered) == names
        for factory, facts in offered.values():
            for path in filter(None, (factory, facts.get("network"), facts.get("pretrain"))):
                module, _, attribute = path.partition(":")
                assert callable(getattr(importlib.import_module(module), attribute))
            for entry in facts.get("weights", {}).values():
                assert entry.licence
                assert entry.source
                assert (entry.file is None) == (entry.record is None)  # shipped ones say how they were made


def test_registering_imports_nothing_large() -> None:
    code = f"import sys; sys.path[:] = {sys.path!r}; import {', '.join(EXPECTED)}\n"
    code += "".join(f"{package}.{hook}(lambda *a, **k: None)\n" for package in EXPECTED for hook in EXPECTED[package])
    code += "assert not {'torch', 'mmseg', 'mmengine', 'numpy'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
