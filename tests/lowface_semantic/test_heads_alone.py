"""Heads built by name outside any config: in eval mode, whoever trains around them."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

import lowface_core as lf
from lowface_semantic.mobilenet import MobileNetDeepLab


@pytest.mark.parametrize("name", ["deeplabv3plus", "deeplabv3plus_mobilenet"])
def test_ready_for_one_picture(name, tmp_path):
    arguments = {"weights": "embedded"}
    if name == "deeplabv3plus_mobilenet":
        save_file(MobileNetDeepLab().state_dict(), tmp_path / "w.safetensors")
        arguments["weights"] = str(tmp_path / "w.safetensors")
    head = lf.build("head", name, **arguments)
    assert not any(module.training for module in head.modules())
    assert head(torch.rand(1, 3, 24, 40)).shape == (1, 11, 24, 40)
