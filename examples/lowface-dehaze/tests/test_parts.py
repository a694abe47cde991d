"""What only this package knows about its parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import lowface_core as lf
from lowface_core.errors import ConfigError
from lowface_dehaze.classifier_task import ClassifierTask
from lowface_dehaze.fog_banks import FogBanks
from lowface_dehaze.fold import Fold
from lowface_dehaze.scattering_net import ScatteringNet


def people(**more: Any) -> Any:
    return lf.build("dataset", "rendered_faces", size=16, identities=3, pictures=4, **more)


def test_haze_obeys_the_scattering_equation():
    fog = FogBanks(density=1.5, airlight=0.8, tint=0.0, near=1.0, quantize=False)  # even density, grey air
    clear = np.random.default_rng(0).random((3, 9, 12), np.float32)
    hazy, drawn = fog(clear, np.random.default_rng(1))
    assert hazy == pytest.approx(clear * np.exp(-1.5) + 0.8 * (1 - np.exp(-1.5)), abs=1e-6)
    assert drawn == pytest.approx({"density": 1.5, "red": 0.8, "green": 0.8, "blue": 0.8})


def test_depth_is_smooth_and_fills_its_range():
    depth = FogBanks(near=0.3, banks=4).depth(64, 48, np.random.default_rng(0))
    assert depth.shape == (64, 48)
    assert depth.min() >= 0.3
    assert depth.max() <= 1
    assert np.abs(np.diff(depth, axis=0)).max() < 0.7 * 1.5 * 3 / 63 + 1e-9  # steepest slope of the smooth step
    assert depth.std() > 0.05


def test_air_light_may_have_a_colour():
    _, drawn = FogBanks(tint=0.2)(np.zeros((3, 4, 4), np.float32), np.random.default_rng(0))
    assert max(drawn["red"], drawn["green"], drawn["blue"]) - min(drawn["red"], drawn["green"], drawn["blue"]) > 0.02


@pytest.mark.parametrize(
    "arguments", [{"density": -1}, {"density": (2, 1)}, {"airlight": 1.5}, {"tint": True}, {"near": (0, 1, 2)}]
)
def test_intervals_out_of_range_are_said(arguments: dict[str, Any]):
    with pytest.raises(ConfigError, match=f"^fog_banks: {next(iter(arguments))} is .*; give a number"):
        FogBanks(**arguments)


def test_one_bank_is_none():
    with pytest.raises(ConfigError, match="banks is 1"):
        FogBanks(banks=1)


def test_the_untrained_network_hardly_changes_a_picture():
    picture = torch.rand(2, 3, 33, 18)
    with torch.no_grad():
        out = ScatteringNet().eval()(picture)
    assert (out["enhanced"] - picture).abs().max() < 0.25
    assert out["transmission"].shape == (2, 1, 33, 18)
    assert out["airlight"].shape == (2, 3, 1, 1)


def test_the_network_inverts_the_haze_it_estimates():
    network = ScatteringNet().eval()
    picture = torch.rand(1, 3, 16, 16) * 0.2 + 0.4
    with torch.no_grad():
        out = network(picture)
        again = out["enhanced"] * out["transmission"] + out["airlight"] * (1 - out["transmission"])
    assert again == pytest.approx(picture, abs=1e-5)


def test_a_fold_shares_no_picture_with_the_rest():
    train, test = (Fold(people(), part, folds=4, fold=1) for part in ("train", "test"))
    keys = [{part[i]["key"] for i in range(len(part))} for part in (train, test)]
    assert (len(train), len(test)) == (9, 3)
    assert not keys[0] & keys[1]
    assert len(keys[0] | keys[1]) == 12
    assert {test[i]["identity"] for i in range(3)} == {0, 1, 2}  # everybody is tested


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"part": "tset"}, "did you mean 'test'"),
        ({"part": "test", "folds": 1}, "folds"),
        ({"part": "test", "fold": 5}, "0 to 4"),
    ],
)
def test_a_fold_that_does_not_exist_is_said(arguments: dict[str, Any], said: str):
    with pytest.raises(ConfigError, match=said):
        Fold(people(), **arguments)


def test_the_task_learns_and_ships_what_the_head_loads(tmp_path: Any):
    torch.manual_seed(0)
    config = {"model": "mobilenetv3_small_050", "num_classes": 3}
    task = ClassifierTask(config, people(), smoothing=0.0, shift=1)
    batch = {"normal": torch.rand(6, 3, 32, 32), "identity": torch.tensor([0, 1, 2] * 2)}
    optimizer = torch.optim.Adam(task.parameters(), lr=1e-3)
    seen = []
    for _ in range(8):
        (loss,) = task.loss(batch).values()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen.append(loss.item())
    assert seen[-1] < seen[0]
    scores = task.evaluate(people(degradation={"type": "linear"}), "cpu", 4)
    assert set(scores) == {"accuracy", "accuracy_low"}
    torch.save(task.state(), tmp_path / "made.pth")
    head = lf.build("head", "identity_classifier", weights=str(tmp_path / "made.pth"), **config)
    picture = torch.rand(2, 3, 32, 32)
    task.eval()
    assert torch.equal(head(picture), task.network(picture))


def test_the_number_of_classes_must_be_that_of_the_people():
    with pytest.raises(ConfigError, match="write num_classes=3"):
        ClassifierTask({"model": "mobilenetv3_small_050", "num_classes": 20}, people())
