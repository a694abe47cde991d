"""FID: constant memory, the references asked once, the warning, and torch-fidelity's own number."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

import lowface_core as lf
from lowface_core.errors import LowfaceError
from lowface_metrics import fid
from lowface_metrics.fid import FID, FrechetMetric


class Colours(FrechetMetric):
    """Fréchet distance of mean colours: features small enough to look at."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def features(self, image: Tensor) -> Tensor:
        self.asked += len(image)
        return image.mean((2, 3))


@pytest.fixture(autouse=True)
def _not_yet_warned() -> Iterator[None]:
    fid._warned.clear()
    yield
    fid._warned.clear()


def pictures(count: int, seed: int) -> Tensor:
    return torch.rand(count, 3, 5, 7, generator=torch.Generator().manual_seed(seed)) * (0.5 + 0.5 * seed)


def test_the_warning_comes_once(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        metric = Colours()
        metric.update(image=pictures(9, 0), normal=pictures(9, 1))
        with caplog.at_level(logging.WARNING, logger="lowface"):
            metric.compute()
    assert [r.getMessage() for r in caplog.records if "biased" in r.getMessage()] == [
        "fid: of 9 pictures; below 2048 it is biased upwards: compare it only between sets of the same pictures"
    ]


def test_enough_pictures_are_no_reason_to_warn(caplog: pytest.LogCaptureFixture) -> None:
    metric = Colours()
    metric.update(image=pictures(2048, 0), normal=pictures(2048, 1))
    metric.compute()
    assert "biased" not in caplog.text


def test_one_picture_is_an_error() -> None:
    metric = Colours()
    metric.update(image=pictures(1, 0), normal=pictures(1, 1))
    with pytest.raises(LowfaceError, match="fid: a set of 1 pictures"):
        metric.compute()


@pytest.mark.slow
def test_equals_torch_fidelity_end_to_end(inception: Path, tmp_path: Path, faces: list) -> None:
    """Both read the same pictures; torch-fidelity with the same weights through its own pipeline."""
    torch_fidelity = pytest.importorskip("torch_fidelity")
    from lowface_core.data.images import write_image

    normal = torch.stack([torch.from_numpy(face)[:, 100:228, 150:278] for face in faces[:6]])
    image = (normal * 0.5).mul(255).round().div(255)
    for name, batch in (("a", image), ("b", normal)):
        for index, picture in enumerate(batch):
            write_image(tmp_path / name / f"{index}.png", picture.numpy())
    metric = lf.build("metric", "fid", weights=str(inception))
    metric.update(image=image[:4], normal=normal[:4])
    metric.update(image=image[4:], normal=normal[4:])
    want = torch_fidelity.calculate_metrics(
        input1=str(tmp_path / "a"),
        input2=str(tmp_path / "b"),
        fid=True,
        cuda=False,
        verbose=False,
        cache=False,
        batch_size=6,
        save_cpu_ram=True,
        feature_extractor_weights_path=str(inception),
    )["frechet_inception_distance"]
    assert metric.compute() == pytest.approx(want, rel=1e-4)


def test_stages_share_network_and_references(inception: Path, pair: tuple[Tensor, Tensor]) -> None:
    image, normal = (picture[:1] for picture in pair)
    low, enhanced = FID(inception), FID(inception)
    assert low.network is enhanced.network
    seen: list[int] = []
    handle = low.network.register_forward_hook(lambda module, args, out: seen.append(len(args[0])))
    low.update(image=image, normal=normal)
    enhanced.update(image=image / 2, normal=normal)
    assert sum(seen) == 3
    normal += 0.1  # the same tensor with other content is asked again
    enhanced.update(image=image, normal=normal)
    FID(inception, "clean").update(image=image, normal=normal)
    handle.remove()
    assert sum(seen) == 3 + 2 + 2


def test_variants(inception: Path) -> None:
    both = FID(inception), FID(inception, "clean")
    assert [metric.variant.rpartition("-")[0] for metric in both] == ["inception_tf", "clean"]
