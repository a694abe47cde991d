"""What a resumed run does with a changed config, and what is left of a run that fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lowface_core.errors import BusyError, ConfigError, LowfaceError
from lowface_core.runs.training_folder import TrainingFolder
from lowface_core.train.divergence import DivergedError
from lowface_core.train.trainer import Trainer, train

Resolved = Callable[..., dict[str, Any]]
AddPlugin = Callable[..., None]


def lines(cfg: dict[str, Any], split: str = "train") -> list[dict[str, Any]]:
    rows = map(json.loads, (Path(cfg["work_dir"]) / "metrics.jsonl").read_text().splitlines())
    return [row for row in rows if row["split"] == split]


def content(cfg: dict[str, Any], name: str = "last.pth") -> dict[str, Any]:
    return torch.load(Path(cfg["work_dir"]) / name, weights_only=True)


def segments(cfg: dict[str, Any]) -> list[dict[str, Any]]:
    return json.loads((Path(cfg["work_dir"]) / "manifest.json").read_text())["segments"]


@pytest.fixture
def half(resolved: Resolved) -> Resolved:
    """Trains two iterations, and gives the config of the run that goes on."""

    def begin(first: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
        train(resolved(log_interval=1, **first), "tiny")
        return resolved(**{"log_interval": 1, "max_iters": 4, **first, **then})

    return begin


@pytest.mark.parametrize("first", [{"lr_schedule": "fixed"}, {"lr_schedule": "cosine"}])
@pytest.mark.parametrize(
    ("then", "rates"),
    [
        ({"lr_schedule": "cosine"}, [0.5e-3, 0.14645e-3]),
        ({"lr_schedule": "cosine", "lr": 0.1}, [0.05, 0.014645]),
        ({"lr_schedule": "fixed", "lr": 0.1}, [0.1, 0.1]),
    ],
)
def test_the_learning_rate_is_that_of_the_new_config_at_its_place(
    half: Resolved, first: dict[str, Any], then: dict[str, Any], rates: list[float]
):
    cfg = half(first, then)
    train(cfg, "tiny", resume="auto")
    assert [row["lr"] for row in lines(cfg)[2:]] == pytest.approx(rates, rel=1e-3)
    group = content(cfg)["optimizer"]["param_groups"][0]
    assert group["weight_decay"] == cfg["weight_decay"]
    changed = {name: value for name, value in {**then, "max_iters": 4}.items() if value != first.get(name)}
    assert {name: pair[1] for name, pair in segments(cfg)[1]["changed"].items()} == changed


@pytest.mark.parametrize("changed", [{"weight_decay": 0.9}, {"grad_clip": 1e-9}, {"amp": True}, {"lr": 0.5}])
def test_what_the_config_says_is_what_runs(half: Resolved, tmp_path: Path, changed: dict[str, Any]):
    plain, other = (half({"work_dir": str(tmp_path / name)}, then) for name, then in (("a", {}), ("b", changed)))
    for cfg in (plain, other):
        train(cfg, "tiny", resume="auto")
    assert not torch.equal(*(content(cfg)["state_dict"]["conv.0.weight"] for cfg in (plain, other)))
    assert (Path(other["work_dir"]) / "config.py").read_text().count(f"{next(iter(changed))} = ") == 1


@pytest.mark.parametrize(
    ("then", "told"),
    [
        ({"seed": 9}, "seed: 1, now 9"),
        ({"batch_size": 4}, "batch_size: 2, now 4"),
        ({"losses": {"color": {"type": "color", "weight": 3}}}, "losses.brightness_cr: "),
        ({"max_iters": 1}, "max_iters: 1 ends at iteration 1, but "),
        ({"max_iters": 2, "lr": 0.5}, "lr: 0.001, now 0.5, but "),
    ],
)
def test_what_cannot_change_is_refused_and_nothing_is_recorded(half: Resolved, then: dict[str, Any], told: str):
    cfg = half({}, then)
    folder = Path(cfg["work_dir"])
    before = {name: (folder / name).read_bytes() for name in ("config.py", "manifest.json", "last.pth")}
    with pytest.raises(ConfigError) as raised:
        train(cfg, "tiny", resume="auto")
    assert str(raised.value).startswith(told)
    assert {name: (folder / name).read_bytes() for name in before} == before
    TrainingFolder(folder).close()  # it was given back


@pytest.mark.parametrize("lost", ["model", "optimizer", "random", "best", "iter"])
@pytest.mark.parametrize("left", [None, 3])
def test_a_checkpoint_that_is_damaged_or_of_another_model_is_one_line(half: Resolved, lost: str, left: Any):
    cfg = half({}, {})
    path = Path(cfg["work_dir"]) / "last.pth"
    damaged = content(cfg)
    del damaged[lost]
    torch.save({**damaged, **({lost: [left]} if left else {})}, path)
    with pytest.raises(LowfaceError) as raised:
        train(cfg, "tiny", resume="auto")
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)
    assert len(segments(cfg)) == 1


def test_another_metric_forgets_the_best_of_the_old_one(resolved: Resolved, tmp_path: Path):
    metrics = {"psnr": {"type": "psnr"}, "ssim": {"type": "ssim"}}
    train(resolved(measured=True, metrics=metrics), "tiny")
    cfg = resolved(measured=True, metrics=metrics, best="ssim", max_iters=3)
    assert train(cfg, "tiny", resume="auto")["best"] == {
        "metric": "ssim", "value": lines(cfg, "val")[-1]["enhanced/ssim"], "iter": 3,
    }  # fmt: skip


def test_a_folder_in_use_is_not_trained_into(resolved: Resolved):
    cfg = resolved()
    folder = TrainingFolder(Path(cfg["work_dir"]))
    with pytest.raises(BusyError, match="in use by process"):
        train(cfg, "tiny")
    folder.close()
    trainer = Trainer(cfg, "tiny")
    with pytest.raises(BusyError):
        train(cfg, "tiny", resume=None)
    trainer.session.close()


class Breaks:
    """A metric that fails from the n-th picture on."""

    pictures, limit = 0, 0

    def update(self, image: Tensor) -> None:
        Breaks.pictures += 1
        if Breaks.pictures > Breaks.limit:
            raise ValueError("no such\npicture")

    def compute(self) -> float:
        return 1.0


@pytest.mark.parametrize(
    ("share", "reached", "where"),
    [(0, 2, "measuring at iteration 2"), (0.25, 4, "measuring at iteration 4"), (0.75, 5, "the test set's evaluation")],
)
def test_measuring_that_fails_keeps_the_weights_and_can_be_resumed(
    resolved: Resolved, add_plugin: AddPlugin, tmp_path: Path, share: float, reached: int, where: str
):
    add_plugin({"metric": {"breaks": (Breaks, {"better": "higher"})}})
    keys = {"measured": True, "metrics": {"breaks": {"type": "breaks"}}, "best": "breaks", "val_interval": 2}
    keys.update(max_iters=5, log_interval=1, eval_batch_size=1)
    Breaks.pictures, Breaks.limit = 0, 10**9
    whole = resolved(work_dir=str(tmp_path / "whole"), **keys)
    train(whole, "tiny")
    Breaks.pictures, Breaks.limit = 0, int(share * Breaks.pictures)  # three validations and a test set of equal size
    cfg = resolved(work_dir=str(tmp_path / "run"), **keys)
    with pytest.raises(LowfaceError) as raised:
        train(cfg, "tiny")
    told = str(raised.value)
    assert f"ValueError: no such picture (in {where}); the weights are kept in {tmp_path}/run/last.pth" in told
    assert "resume with: lowface train" in told
    assert content(cfg)["iter"] == reached
    Breaks.limit = 10**9
    train(cfg, "tiny", resume="auto")
    assert (tmp_path / "run" / "metrics.jsonl").read_text() == (tmp_path / "whole" / "metrics.jsonl").read_text()
    ends = [content(c) for c in (whole, cfg)]
    assert ends[0]["best"] == ends[1]["best"]
    assert all(torch.equal(v, ends[1]["model"][k]) for k, v in ends[0]["model"].items())


class FromThird(nn.Module):
    """A finite loss whose gradient is not a number from the third step on."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0

    def forward(self, enhanced: Tensor) -> Tensor:
        self.steps += 1
        return enhanced.mean() if self.steps < 3 else (enhanced - enhanced).sum().sqrt()


@pytest.mark.parametrize("clip", [None, 0.1])
def test_a_gradient_that_is_not_finite_leaves_the_last_good_checkpoint(
    resolved: Resolved, add_plugin: AddPlugin, clip: float | None
):
    add_plugin({"loss": {"kink": FromThird}})
    losses = {"color": {"type": "color"}, "edge": {"type": "kink"}}
    cfg = resolved(losses=losses, max_iters=5, checkpoint_interval=1, grad_clip=clip)
    with pytest.raises(DivergedError, match=r"the gradient of loss edge is not finite for the batch .* at iteration 3"):
        train(cfg, "tiny")
    last = content(cfg)
    assert last["iter"] == 2
    assert all(bool(v.isfinite().all()) for v in last["model"].values())


@pytest.mark.parametrize("iterations", [1, 2, 5])
def test_a_learning_rate_beyond_reason_is_named(resolved: Resolved, iterations: int):
    cfg = resolved(lr=1e30, max_iters=iterations, measured=True, checkpoint_interval=1)
    with pytest.raises(DivergedError, match=r"lr=1e\+30"):
        train(cfg, "tiny")
    assert not (Path(cfg["work_dir"]) / "last.pth").exists()


@pytest.mark.parametrize("weight", [1e39, 1e30])
def test_a_weight_beyond_reason_is_named_alone(resolved: Resolved, weight: float):
    losses = {"color": {"type": "color"}, "heavy": {"type": "brightness_cr", "eps": 0.05, "weight": weight}}
    with pytest.raises(DivergedError, match=r"losses\.heavy\.weight=") as raised:
        train(resolved(losses=losses), "tiny")
    assert "color" not in str(raised.value)


def test_the_moving_average_moves_once_a_parameter_update(resolved: Resolved, tmp_path: Path):
    """Two accumulated batches are one update, so the averages of both runs have seen the same weights."""
    losses, common = {"color": {"type": "color"}}, {"ema": 0.5, "checkpoint_interval": 1}
    large = resolved(work_dir=str(tmp_path / "a"), losses=losses, batch_size=4, max_iters=3, **common)
    small = resolved(work_dir=str(tmp_path / "b"), losses=losses, batch_size=2, max_iters=6, accumulate=2, **common)
    for cfg in (large, small):
        train(cfg, "tiny")
    for key, value in content(large)["state_dict"].items():
        torch.testing.assert_close(value, content(small)["state_dict"][key], rtol=0, atol=1e-5)
