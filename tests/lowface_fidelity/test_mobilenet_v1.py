"""MobileNetV1 with the ImageNet checkpoint of RetinaFace's backbone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from lowface_core.errors import ConfigError
from lowface_fidelity.mobilenet_v1 import MobileNetV1, MobileNetV1Ladder


def test_loads_the_checkpoint_and_its_statistics_fit_photographs(shared: Path) -> None:
    """On real pictures the features have the mean that each normalisation layer recorded on ImageNet.

    This tells the right activation and input range from wrong ones without labels.
    """
    cv2 = pytest.importorskip("cv2")
    head = MobileNetV1(shared / "weights" / "mobilenetv1_x0.25_imagenet.tar").eval().requires_grad_(False)
    files = sorted((shared / "data" / "celeba-face" / "normal").iterdir())[:16]
    pictures = [cv2.resize(cv2.imread(str(file)), (160, 160), interpolation=cv2.INTER_AREA) for file in files]
    image = torch.stack([torch.from_numpy(p[..., ::-1].copy()).permute(2, 0, 1) for p in pictures]).float() / 255

    def misfit(slope: float, pictures: torch.Tensor) -> float:
        errors, hooks = [], []
        for module in head.modules():
            if isinstance(module, nn.LeakyReLU):
                module.negative_slope = slope
            if isinstance(module, nn.BatchNorm2d):

                def compare(layer: nn.BatchNorm2d, inputs: tuple[torch.Tensor], _: torch.Tensor) -> None:
                    gap = (inputs[0].mean((0, 2, 3)) - layer.running_mean) / layer.running_var.sqrt()
                    errors.append(float(gap.abs().mean()))

                hooks.append(module.register_forward_hook(compare))
        head(pictures, "stage3")
        for hook in hooks:
            hook.remove()
        return sum(errors) / len(errors)

    right = misfit(0.1, image)
    assert right < 0.35
    assert right < 0.8 * misfit(0.0, image)  # with plain ReLUs
    assert right < 0.8 * misfit(0.1, image * 0.25)  # with darkened pictures


def test_shapes_and_ladder() -> None:
    ladder = MobileNetV1Ladder().eval()
    image = torch.rand(1, 3, 65, 40)
    shapes = {"stage1.0": (8, 33, 20), "stage1": (64, 9, 5), "stage2": (128, 5, 3), "stage3": (256, 3, 2)}
    with torch.no_grad():
        x = ladder.prepare(image)
        for rung, layer in enumerate(ladder.layers):
            x = ladder.climb(rung, x)
            if layer in shapes:
                assert x.shape == (1, *shapes[layer])
        torch.testing.assert_close(x, ladder(image, "stage3"))
        assert ladder(torch.rand(1, 3, 1, 1), "stage3").shape == (1, 256, 1, 1)
    assert len(ladder.layers) == 14
    assert sum(parameter.numel() for parameter in ladder.parameters()) == 213_072


def test_width_is_checked() -> None:
    with pytest.raises(ConfigError, match="width"):
        MobileNetV1Ladder(width=0.01)
