"""The head around the released parser's network."""

from __future__ import annotations

import pytest
import torch

from lowface_semantic.deeplabv3plus_mobilenet import DeepLabV3PlusMobileNet
from lowface_semantic.mobilenet import MobileNetDeepLab


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "released.pth"
    torch.save({"model_state": MobileNetDeepLab().state_dict(), "cur_itrs": 3}, path)
    return path


@pytest.mark.parametrize("size", [(1, 1), (33, 50)])
def test_any_size_and_gradient(weights, size):
    head = DeepLabV3PlusMobileNet(weights).eval()
    image = torch.rand(1, 3, *size, requires_grad=True)
    logits = head(image)
    assert logits.shape == (1, 11, *size)
    logits[:, 3].sum().backward()
    assert image.grad.isfinite().all()
    assert image.grad.abs().sum() > 0
