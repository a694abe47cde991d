"""UNIQUE: resizing against the released transform, scores through a checkpoint of the released layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision import transforms

import lowface_core as lf
from lowface_core.errors import WeightsError
from lowface_metrics.unique import Unique, adaptive_resize


@pytest.mark.parametrize(
    ("height", "width"), [(768, 768), (800, 769), (769, 1000), (1100, 790), (900, 767), (40, 2000)]
)
def test_resizing_is_the_released_transform(height: int, width: int) -> None:
    """Unless a side is below 768: torchvision's Resize(768, bilinear) of a Pillow picture, which rounds to 8 bits."""
    picture = np.random.default_rng(0).integers(0, 256, (height // 4 + 1, width // 4 + 1, 3), dtype=np.uint8)
    picture = picture.repeat(4, 0).repeat(4, 1)[:height, :width]
    want = Image.fromarray(picture)
    if min(height, width) >= 768:
        want = transforms.Resize(768, transforms.InterpolationMode.BILINEAR)(want)
    got = adaptive_resize(torch.from_numpy(picture).permute(2, 0, 1)[None] / 255.0)[0]
    want = transforms.ToTensor()(want)
    assert got.shape == want.shape
    assert (got - want).abs().max() < 1.01 / 255


def test_a_checkpoint_judges(unique_file: Path, shared: Path) -> None:
    """The oracle's input is normalised; the metric normalises itself."""
    with np.load(shared / "oracle" / "unique_network.npz") as arrays:
        x, want = torch.from_numpy(arrays["input"]), arrays["mean"]
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    metric = lf.build("metric", "unique", weights=str(unique_file))
    got = metric.update(image=x * std + mean)["unique"]
    np.testing.assert_allclose(got.numpy(), want, atol=1e-4)
    assert metric.compute() == pytest.approx(want.mean(), abs=1e-4)
    alone = metric.update(image=(x * std + mean)[1:])["unique"]
    torch.testing.assert_close(alone, got[1:], atol=1e-5, rtol=0)
    assert metric.update(image=torch.rand(1, 3, 5, 3).half())["unique"].isfinite().all()
    assert Unique(unique_file).network is metric.network
    assert metric.variant.startswith("released-")


def test_another_checkpoint_is_recognised(unique_file: Path, tmp_path: Path) -> None:
    state: dict[str, Tensor] = torch.load(unique_file, weights_only=True)
    with pytest.raises(WeightsError, match=r"nearest registered architecture: metric 'unique'"):
        lf.build("head", "vgg16", weights=str(unique_file))
    torch.save({k: v for k, v in state.items() if ".fc." in k}, tmp_path / "cut.pt")
    with pytest.raises(WeightsError, match=r"cut.pt: does not fit UniqueNetwork: backbone.conv1.weight missing"):
        Unique(tmp_path / "cut.pt")
