"""VGG-16 against torchvision's."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lowface_core.data.normalise import IMAGENET_MEAN
from lowface_core.errors import DataError, LowfaceError, WeightsError
from lowface_fidelity.vgg16 import VGG16, VGGLadder


def test_features_are_torchvisions(tmp_path: Path) -> None:
    torchvision = pytest.importorskip("torchvision")
    features = torchvision.models.vgg16(weights=None).features
    state = {f"features.{key}": value for key, value in features.state_dict().items()}
    torch.save({**state, "classifier.0.bias": torch.zeros(4096)}, tmp_path / "vgg16.pth")
    head = VGG16(tmp_path / "vgg16.pth").eval()
    image = torch.rand(1, 3, 33, 40)
    index = {"relu1_1": 1, "relu1_2": 3, "relu2_2": 8, "relu3_3": 15, "relu4_3": 22, "relu5_3": 29}
    with torch.no_grad():
        for layer, last in index.items():
            torch.testing.assert_close(head(image, layer), features[: last + 1](image), msg=layer)


def test_normalisation_is_off_unless_asked_for() -> None:
    grey = torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1)
    assert torch.equal(VGGLadder(((2, 1),)).prepare(grey), grey)
    assert float(VGGLadder(((2, 1),), normalize=True).prepare(grey).abs().max()) == 0.0


def test_mistakes_are_named(tmp_path: Path) -> None:
    ladder = VGGLadder(((2, 1), (2, 1), (2, 1)))
    with pytest.raises(DataError, match="relu3_1; it needs 4 pixels"):
        ladder(torch.rand(1, 3, 3, 9), "relu3_1")
    with pytest.raises(LowfaceError, match="did you mean 'relu1_1'"):
        ladder(torch.rand(1, 3, 9, 9), "relu1_")
    torch.save(ladder.state_dict(), tmp_path / "other.pth")
    with pytest.raises(WeightsError, match=r"other\.pth: does not fit VGG16"):
        VGG16(tmp_path / "other.pth")
