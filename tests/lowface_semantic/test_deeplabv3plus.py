"""Weights into the head: our files, mmsegmentation's checkpoints, misfits."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from lowface_core.errors import WeightsError
from lowface_semantic.deeplabv3plus import DeepLabV3Plus
from lowface_semantic.network import build_network
from lowface_semantic.parser import Parser


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    network = build_network("small")
    for module in network.modules():  # statistics that differ from a new network's
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return network.eval()


def test_safetensors_round_trip(network, tmp_path):
    save_file(network.state_dict(), tmp_path / "w.safetensors")
    head = DeepLabV3Plus(tmp_path / "w.safetensors", backbone="small").eval()
    image = torch.rand(2, 3, 37, 50)
    with torch.no_grad():
        torch.testing.assert_close(head(image), Parser(network)(image))
        torch.testing.assert_close(
            DeepLabV3Plus(tmp_path / "w.safetensors", "small", normalize=False, input_size=64).eval()(image),
            Parser(network, 64, False)(image),
        )


def test_mmsegmentation_checkpoint(network, tmp_path):
    state = {
        **network.state_dict(),
        "auxiliary_head.conv_seg.weight": torch.rand(2),
        "data_preprocessor.mean": torch.rand(3),
    }
    torch.save({"meta": {"iter": 80000}, "state_dict": state}, tmp_path / "w.pth")
    head = DeepLabV3Plus(tmp_path / "w.pth", "small").eval()
    image = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(head(image), Parser(network)(image))


def test_misfits_are_said(network, tmp_path):
    save_file(network.state_dict(), tmp_path / "w.safetensors")
    with pytest.raises(WeightsError, match="conv_seg"):
        DeepLabV3Plus(tmp_path / "w.safetensors", "small", num_classes=19)
    with pytest.raises(WeightsError, match=r"w\.safetensors"):
        DeepLabV3Plus(tmp_path / "w.safetensors", "resnet18")
