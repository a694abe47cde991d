"""timm classifiers as frozen heads: the library's own logits, gradients to the picture."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import lowface_core as lf
from lowface_core.errors import ConfigError, WeightsError
from lowface_fidelity.timm_classifier import TimmClassifier

timm = pytest.importorskip("timm")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, torch.nn.Module]:
    torch.manual_seed(0)
    network = timm.create_model("resnet10t", pretrained=False, num_classes=7).eval()
    path = tmp_path_factory.mktemp("timm") / "classifier.pth"
    torch.save({"state_dict": network.state_dict(), "epoch": 3}, path)  # as timm's training script saves
    return path, network


def test_logits_are_the_librarys(checkpoint) -> None:
    path, network = checkpoint
    head = lf.build("head", "timm_classifier", model="resnet10t", num_classes=7, weights=str(path))
    image = torch.rand(2, 3, 64, 48, requires_grad=True)
    mean, std = (torch.tensor(network.pretrained_cfg[name]).view(1, 3, 1, 1) for name in ("mean", "std"))
    logits = head(image)
    torch.testing.assert_close(logits, network((image - mean) / std))
    assert logits.shape == (2, 7)
    logits[0, 3].backward()
    assert image.grad[0].abs().sum() > 0
    assert image.grad[1].abs().max() == 0  # eval mode: pictures of a batch do not see each other


def test_input_size(checkpoint) -> None:
    path, _ = checkpoint
    head = TimmClassifier(path, "resnet10t", 7, input_size=64)
    assert head(torch.rand(1, 3, 5, 200)).shape == (1, 7)


def test_mistakes(checkpoint) -> None:
    path, _ = checkpoint
    with pytest.raises(WeightsError, match=r"fc.weight is \(7, 512\), not \(1000, 512\)"):
        TimmClassifier(path, "resnet10t")
    with pytest.raises(ConfigError, match=r"timm_classifier: timm .* has no model 'resnet10x'"):
        TimmClassifier(path, "resnet10x", 7)
