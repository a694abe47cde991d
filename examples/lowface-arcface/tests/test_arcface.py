"""The head passes lowface's conformance suite; its layout, its records and its errors are what the README says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import lowface_core as lf
from lowface_arcface import WEIGHTS
from lowface_arcface.arcface_task import ArcFaceTask
from lowface_arcface.iresnet import IResNet
from lowface_core.errors import ConfigError, WeightsError
from lowface_core.testing import HeadContract

SMALL = {"depth": 18, "width": 4, "dim": 16}


class TestConformance(HeadContract):
    component = "arcface"
    arguments = SMALL


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    torch.save(IResNet(**SMALL).state_dict(), tmp_path / "small.pth")
    return tmp_path / "small.pth"


@pytest.mark.parametrize(("depth", "millions"), [(18, 24.0), (34, 34.1), (50, 43.6), (100, 65.2)])
def test_published_sizes(depth: int, millions: float):
    with torch.device("meta"):
        network = IResNet(depth)
    assert sum(p.numel() for p in network.parameters()) / 1e6 == pytest.approx(millions, abs=0.06)


def test_key_names_are_insightfaces():
    with torch.device("meta"):
        state = IResNet(18).state_dict()
    shapes = {key: tuple(value.shape) for key, value in state.items()}
    assert shapes["layer1.0.downsample.0.weight"] == (64, 64, 1, 1)
    assert shapes["layer4.1.conv2.weight"] == (512, 512, 3, 3)
    assert shapes["layer2.0.prelu.weight"] == (128,)
    assert shapes["fc.weight"] == (512, 512 * 7 * 7)
    assert shapes["features.running_mean"] == (512,)
    assert "layer1.1.downsample.0.weight" not in shapes


def test_every_record_says_where_from_and_under_what_licence():
    for record in WEIGHTS.values():
        assert "insightface" in record.source
        assert "research only" in record.licence
        assert record.arguments["depth"] in (18, 50, 100)
        assert (record.url is None) != (record.filename is None)


def test_it_stands_in_for_the_shipped_encoder(weights: Path, lowface_batch: dict[str, Any]):
    encoder = {"type": "arcface", "weights": str(weights), **SMALL}
    face = lf.build("head", "face", locate="labels", encoder=encoder)
    match = face(lowface_batch["normal"], landmarks=lowface_batch["landmarks"])
    assert match.embedding.shape == (4, 16)
    assert torch.allclose(match.embedding.norm(dim=1), torch.ones(4), atol=1e-5)


def test_another_depths_checkpoint_is_named(tmp_path: Path):
    with torch.device("meta"):
        shapes = {key: value.shape for key, value in IResNet(34).state_dict().items()}
    torch.save({key: torch.zeros(shape, dtype=torch.half) for key, shape in shapes.items()}, tmp_path / "r34.pth")
    with pytest.raises(WeightsError) as caught:
        lf.build("head", "arcface", depth=18, weights=str(tmp_path / "r34.pth"))
    said = str(caught.value)
    assert "does not fit IResNet: layer1.2" in said
    assert "nearest registered architecture: head 'arcface' (depth=34)" in said


@pytest.mark.parametrize("arguments", [{"depth": 20}, {"width": 0}, {"dim": 1.5}])
def test_arguments_out_of_range_are_said(arguments: dict[str, Any]):
    with pytest.raises(ConfigError, match="^arcface: "):
        IResNet(**arguments)


def test_the_task_learns_and_ships_what_the_head_loads(tmp_path: Path, lowface_dataset: Any, lowface_batch: Any):
    torch.manual_seed(0)
    task = ArcFaceTask(SMALL, lowface_dataset, scale=8.0, margin=0.1, jitter=0.0)
    optimizer = torch.optim.Adam(task.parameters(), lr=1e-2)
    seen = []
    for _ in range(6):
        (loss,) = task.loss(lowface_batch).values()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen.append(loss.item())
    assert seen[-1] < seen[0]
    assert {"rank1", "rank1_low"} == set(task.evaluate(lowface_dataset, "cpu", 4))
    torch.save(task.state(), tmp_path / "made.pth")
    head = lf.build("head", "arcface", weights=str(tmp_path / "made.pth"), **SMALL)
    crop = torch.rand(2, 3, 112, 112)
    task.eval()
    assert torch.allclose(head(crop), task.embed(crop))
