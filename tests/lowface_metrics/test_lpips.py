"""LPIPS against the lpips package, with the same backbone weights."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import lowface_core as lf
from lowface_core.errors import LowfaceError, WeightsError
from lowface_metrics.lpips import LPIPS, packaged_linear

package = pytest.importorskip("lpips")


@pytest.fixture(scope="module", params=["alex", "vgg"])
def theirs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, nn.Module, Path]:
    """The package's metric with a drawn backbone and its own calibration; the backbone as a torchvision file."""
    net = request.param
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(11)
        metric = package.LPIPS(net=net, pnet_rand=True, verbose=False)
    path = tmp_path_factory.mktemp("lpips") / f"{net}.pth"
    backbone = {f"features.{k.split('.', 2)[2]}": v for k, v in metric.state_dict().items() if k.startswith("net.")}
    torch.save({**backbone, "classifier.1.weight": torch.zeros(2, 2)}, path)
    return net, metric, path


@torch.no_grad()
def test_equals_the_package(theirs: tuple[str, nn.Module, Path], pair: tuple[Tensor, Tensor]) -> None:
    net, metric, path = theirs
    image, normal = pair
    ours = LPIPS(path, net)
    want = metric(image, normal, normalize=True).flatten()
    got = ours.update(image=image, normal=normal)["lpips"]
    assert want.min() > 1e-3
    torch.testing.assert_close(got, want.double(), rtol=0, atol=1e-6)
    assert ours.compute() == pytest.approx(want.mean().item(), abs=1e-6)


@torch.no_grad()
@pytest.mark.parametrize("theirs", ["alex"], indirect=True)
def test_the_released_form_resizes_to_500(theirs: tuple[str, nn.Module, Path], pair: tuple[Tensor, Tensor]) -> None:
    net, metric, path = theirs
    pair = tuple(picture[:1] for picture in pair)
    ours = LPIPS(path, f"{net}_released")
    resized = [F.interpolate(x, (500, 500), mode="bilinear", align_corners=False, antialias=False) for x in pair]
    got = ours.update(image=pair[0], normal=pair[1])["lpips"]
    torch.testing.assert_close(got, metric(*resized, normalize=True).flatten().double(), rtol=0, atol=1e-6)
    assert abs(got.item() - metric(*pair, normalize=True).item()) > 1e-3
    assert ours.variant.startswith(f"{net}_released-")  # drawn weights are no published ones


def test_equal_pictures_have_no_distance_and_half_precision_is_judged_in_single(
    theirs: tuple[str, nn.Module, Path], pair: tuple[Tensor, Tensor]
) -> None:
    net, _, path = theirs
    image, normal = pair
    ours = LPIPS(path, net)
    assert ours.update(image=normal, normal=normal)["lpips"].tolist() == [0, 0]
    whole = ours.update(image=image, normal=normal)["lpips"]
    half = ours.update(image=image.half(), normal=normal.half())["lpips"]
    torch.testing.assert_close(half, whole, rtol=0.02, atol=1e-4)


def test_small_pictures_and_unequal_ones(theirs: tuple[str, nn.Module, Path]) -> None:
    net, _, path = theirs
    ours = LPIPS(path, net)
    least = {"alex": 31, "vgg": 16}[net]
    small = torch.rand(1, 3, least, least + 2)
    assert ours.update(image=small, normal=small / 2)["lpips"].isfinite().all()
    with pytest.raises(LowfaceError, match=rf"lpips: pictures of {least - 1}x50 pixels are too small for {net}"):
        ours.update(image=torch.rand(1, 3, 50, least - 1), normal=torch.rand(1, 3, 50, least - 1))
    with pytest.raises(LowfaceError, match="lpips: image is"):
        ours.update(image=small, normal=small[..., 1:])


def test_stages_share_one_network(theirs: tuple[str, nn.Module, Path]) -> None:
    net, _, path = theirs
    assert LPIPS(path, net).network is LPIPS(str(path), f"{net}_released").network


def test_the_wrong_network_is_named(theirs: tuple[str, nn.Module, Path]) -> None:
    net, _, path = theirs
    other = {"alex": "vgg", "vgg": "alex"}[net]
    known = {"alex": "metric 'lpips'", "vgg": "head 'vgg16'"}[net]
    with pytest.raises(WeightsError, match=f"does not fit Trunk: .*nearest registered architecture: {known}"):
        LPIPS(path, other)


def test_a_file_for_the_calibration(theirs: tuple[str, nn.Module, Path], tmp_path: Path) -> None:
    net, _, path = theirs
    doubled = {k: 2 * v for k, v in torch.load(packaged_linear(net), map_location="cpu", weights_only=True).items()}
    torch.save(doubled, tmp_path / "linear.pth")
    image, normal = torch.rand(2, 1, 3, 40, 40, generator=torch.Generator().manual_seed(0))
    one = LPIPS(path, net).update(image=image, normal=normal)["lpips"]
    two = LPIPS(path, net, linear=tmp_path / "linear.pth").update(image=image, normal=normal)["lpips"]
    torch.testing.assert_close(two, 2 * one)


def test_without_the_package_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "lpips" else found(name, *a))
    (tmp_path / "alex.pth").write_bytes(b"")
    with pytest.raises(WeightsError, match=r'not installed: pip install "lowface\[metrics\]"; or give') as caught:
        lf.build("metric", "lpips", weights=str(tmp_path / "alex.pth"))
    assert "\n" not in str(caught.value)
