"""What the three plugins register, and that registering imports no torch."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

EXPECTED = {
    "lowface_retinex": {"register_enhancers": ["retinex"]},
    "lowface_contrast": {"register_losses": ["feature_cr", "brightness_cr"]},
    "lowface_fidelity": {
        "register_losses": ["perceptual", "color", "smoothness"],
        "register_heads": ["vgg16", "timm_features", "timm_classifier", "mobilenet_v1", "small_features"],
    },
}


@pytest.mark.parametrize("package", EXPECTED)
def test_registers_what_exists(package: str) -> None:
    plugin = importlib.import_module(package)
    for hook, names in EXPECTED[package].items():
        offered: dict[str, tuple[str, dict]] = {}
        getattr(plugin, hook)(lambda name, factory, offered=offered, **facts: offered.update({name: (factory, facts)}))
        assert list(offered) == names
        for factory, facts in offered.values():
            for path in (factory, facts.get("pretrain")):
                if path is not None:
                    module, _, attribute = path.partition(":")
                    assert callable(getattr(importlib.import_module(module), attribute))


def test_registering_imports_no_torch() -> None:
    code = f"import sys; import {', '.join(EXPECTED)}; sys.exit('torch' in sys.modules)"
    paths = f"import sys; sys.path[:] = {sys.path!r}; "
    assert subprocess.run([sys.executable, "-c", paths + code], check=False).returncode == 0
