"""timm backbones as feature heads: the library's own features, by layer, continued where they can be."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from lowface_core.errors import ConfigError, LowfaceError, WeightsError
from lowface_core.step.feature_head import FeatureHead
from lowface_core.step.head_bank import BoundHead
from lowface_fidelity.timm_features import TimmIntermediates, timm_features

timm = pytest.importorskip("timm")


def saved(model: str, folder: Path, **arguments) -> tuple[Path, nn.Module]:
    """A checkpoint with a classifier, as timm publishes it, and the network it comes from."""
    torch.manual_seed(0)
    network = timm.create_model(model, pretrained=False, **arguments).eval()
    for module in network.modules():  # statistics that differ from a new network's
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    torch.save(network.state_dict(), folder / "timm.pth")
    return folder / "timm.pth", network


def normalised(image: torch.Tensor, network: nn.Module) -> torch.Tensor:
    mean, std = (torch.tensor(network.pretrained_cfg[name]).view(1, 3, 1, 1) for name in ("mean", "std"))
    return (image - mean) / std


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("resnet10t", (65, 40)),
        ("convnext_atto", (64, 96)),
        ("mobilenetv3_small_050", (64, 48)),
        ("vit_tiny_patch16_224", (224, 224)),
        ("swin_tiny_patch4_window7_224", (224, 224)),  # channels last inside
    ],
)
def test_every_layer_is_the_librarys(tmp_path: Path, model: str, size: tuple[int, int]) -> None:
    file, network = saved(model, tmp_path)
    head = timm_features(file, model).eval()
    image = torch.rand(1, 3, *size)
    with torch.no_grad():
        want = network.forward_intermediates(normalised(image, network), intermediates_only=True, norm=False)
        assert len(want) >= len(head.layers) >= 4
        for layer, feature in zip(reversed(head.layers), reversed(want), strict=False):
            got = head(image, layer)
            assert got.shape == feature.shape
            torch.testing.assert_close(got, feature, rtol=1e-3, atol=1e-3)


def test_a_deeper_layer_continues_from_a_shallower_one(tmp_path: Path) -> None:
    file, _ = saved("resnet10t", tmp_path)
    head = timm_features(file, "resnet10t").eval()
    assert isinstance(head, FeatureHead)
    assert head.layers[-3:] == ("layer2", "layer3", "layer4")
    calls: list[str] = []
    for name, module in head.network.named_children():
        module.register_forward_hook(lambda *_, name=name: calls.append(name))
    image = torch.rand(1, 3, 64, 64, requires_grad=True)
    bound = BoundHead(head, {})
    bound(image, "layer2")
    deep = bound(image, "layer3")
    assert calls.count("layer1") == calls.count("layer2") == calls.count("layer3") == 1
    assert "layer4" not in calls
    deep.sum().backward()
    assert image.grad.abs().sum() > 0
    torch.testing.assert_close(deep, head(image, "layer3"))


def test_a_transformer_stops_at_the_layer_asked_for(tmp_path: Path) -> None:
    file, _ = saved("vit_tiny_patch16_224", tmp_path)
    head = timm_features(file, "vit_tiny_patch16_224").eval()
    assert isinstance(head, TimmIntermediates)
    calls: list[int] = []
    for index, block in enumerate(head.network.blocks):
        block.register_forward_hook(lambda *_, index=index: calls.append(index))
    image = torch.rand(2, 3, 96, 64, requires_grad=True)  # brought to 224 x 224, the one size it takes
    feature = head(image, "blocks.3")
    assert feature.shape == (2, 192, 14, 14)
    assert calls == [0, 1, 2, 3]
    feature.sum().backward()
    assert image.grad.isfinite().all()
    assert image.grad.abs().sum() > 0
    with pytest.raises(LowfaceError, match=r"no layer 'block.3'; did you mean 'blocks.3'"):
        head(image, "block.3")


def test_input_size_and_normalisation(tmp_path: Path) -> None:
    file, _ = saved("vit_tiny_patch16_224", tmp_path, img_size=64)
    head = timm_features(file, "vit_tiny_patch16_224", input_size=64).eval()
    assert head(torch.rand(1, 3, 50, 70), "blocks.0").shape == (1, 192, 4, 4)
    file, _ = saved("resnet10t", tmp_path)
    image = torch.rand(1, 3, 40, 40)
    plain = timm_features(file, "resnet10t", normalize=False).eval()
    assert torch.equal(plain.prepare(image), image)
    assert timm_features(file, "resnet10t", input_size=32).prepare(image).shape == (1, 3, 32, 32)


def test_mistakes(tmp_path: Path) -> None:
    file, _ = saved("resnet10t", tmp_path)
    with pytest.raises(ConfigError, match="no model 'resnet18x'; did you mean 'resnet18"):
        timm_features(file, "resnet18x")
    with pytest.raises(WeightsError, match=r"timm\.pth: does not fit ResNet"):
        timm_features(file, "resnet14t")
    with pytest.raises(TypeError):
        timm_features(model="resnet10t")
