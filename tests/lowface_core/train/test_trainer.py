from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lowface_core.data.dataset import Dataset
from lowface_core.errors import ConfigError, LowfaceError
from lowface_core.train.trainer import Trainer, train

Resolved = Callable[..., dict[str, Any]]
AddPlugin = Callable[..., None]


def weights_of(cfg: dict[str, Any], name: str = "last.pth") -> dict[str, Tensor]:
    return torch.load(Path(cfg["work_dir"]) / name, weights_only=True)["state_dict"]


def test_a_run_writes_its_files_and_nothing_else(resolved: Resolved):
    cfg = resolved(measured=True, val_interval=1)
    summary = train(cfg, "tiny")
    folder = Path(cfg["work_dir"])
    assert sorted(p.name for p in folder.iterdir()) == [
        ".lock", "best.pth", "config.py", "last.pth", "manifest.json", "metrics.jsonl", "samples", "summary.json",
        "tensorboard",
    ]  # fmt: skip
    assert [p.name for p in (folder / "samples").iterdir()] == ["iter_000002.png"]
    assert json.loads((folder / "summary.json").read_text()) == {k: v for k, v in summary.items() if k != "work_dir"}
    assert summary["iterations"] == 2
    assert summary["best"]["metric"] == "psnr"
    assert set(summary["test"]) == {"low", "enhanced", "normal"}
    assert summary["test"]["enhanced"]["psnr"] > 0

    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["seed"] == cfg["seed"]
    assert manifest["plugins"]["lowface:retinex"]["status"] == "ok"
    assert "linear" in manifest["data"]["train_dataset"].lower()
    assert torch.__version__.startswith(manifest["packages"]["torch"])

    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [(line["iter"], line["split"]) for line in lines] == [(1, "val"), (2, "train"), (2, "val")]
    assert {"loss/brightness_cr", "loss/color", "loss/smoothness", "loss/total", "lr"} <= set(lines[1])

    content = torch.load(folder / "last.pth", weights_only=True)
    assert content["enhancer_config"]["type"] == "retinex"
    assert content["iter"] == 2
    assert all(key.startswith(("e_conv", "conv.")) for key in content["state_dict"])
    assert all(key.startswith("enhancer.") for key in content["model"])


def test_the_recorded_config_repeats_the_run(resolved: Resolved, tmp_path: Path):
    from lowface_core.config.load import load

    cfg = resolved(ema=0.5, grad_clip=None)
    train(cfg, "tiny")
    again = load(str(tmp_path / "run" / "config.py"), (), {"work_dir": str(tmp_path / "again")})
    assert {**again, "work_dir": None} == {**cfg, "work_dir": None}
    train(again, "tiny")
    assert all(torch.equal(v, weights_of(cfg)[k]) for k, v in weights_of(again).items())


def test_training_changes_the_weights_and_the_seed_decides_them(resolved: Resolved, tmp_path: Path):
    cfgs = [
        resolved(work_dir=str(tmp_path / n), seed=s, max_iters=m) for n, s, m in (("a", 1, 1), ("b", 1, 2), ("c", 2, 2))
    ]
    for cfg in cfgs:
        train(cfg, "tiny")
    one, two, other = (weights_of(cfg) for cfg in cfgs)
    assert not torch.equal(one["conv.0.weight"], two["conv.0.weight"])
    assert not torch.equal(two["conv.0.weight"], other["conv.0.weight"])


@pytest.mark.parametrize("workers", [2])
def test_workers_change_nothing(resolved: Resolved, tmp_path: Path, workers: int):
    alone, helped = resolved(work_dir=str(tmp_path / "a")), resolved(work_dir=str(tmp_path / "b"), num_workers=workers)
    train(alone, "tiny")
    train(helped, "tiny")
    assert all(torch.equal(v, weights_of(alone)[k]) for k, v in weights_of(helped).items())


def test_mixed_precision_works_on_the_processor(resolved: Resolved):
    cfg = resolved(amp=True)
    train(cfg, "tiny")
    assert all(v.dtype == torch.float32 and torch.isfinite(v).all() for v in weights_of(cfg).values())


def test_epochs_count_passes_over_the_data(resolved: Resolved):
    assert train(resolved(max_iters=None, max_epochs=1, batch_size=4), "tiny")["iterations"] == 2


def test_accumulated_batches_equal_one_large_batch(resolved: Resolved, tmp_path: Path):
    losses = {"color": {"type": "color"}}
    large = resolved(work_dir=str(tmp_path / "a"), losses=losses, batch_size=4, max_iters=1)
    small = resolved(work_dir=str(tmp_path / "b"), losses=losses, batch_size=2, max_iters=2, accumulate=2)
    train(large, "tiny")
    train(small, "tiny")
    for key, value in weights_of(small).items():
        torch.testing.assert_close(value, weights_of(large)[key], rtol=0, atol=1e-5)


class NanLoss(nn.Module):
    def forward(self, enhanced: Tensor) -> Tensor:
        return enhanced.mean() * float("nan")


def test_a_loss_that_is_not_finite_stops_the_run_with_name_and_pictures(resolved: Resolved, add_plugin: AddPlugin):
    add_plugin({"loss": {"nan_loss": NanLoss}})
    with pytest.raises(LowfaceError, match=r"loss broken is not finite for the batch rendered\d+_\d, rendered\d+_\d"):
        train(resolved(losses={"color": {"type": "color"}, "broken": {"type": "nan_loss"}}), "tiny")


class Head(nn.Module):
    """Counts calls by whether they recorded gradients."""

    calls: list[bool] = []  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2))

    def forward(self, image: Tensor, *, landmarks: Tensor) -> Tensor:
        assert not self.training
        assert not self.layer[1].training
        assert landmarks.shape[1:] == (5, 2)
        Head.calls.append(torch.is_grad_enabled())
        return self.layer(image)


class ThroughHead(nn.Module):
    def forward(self, enhanced: Tensor, positive: Tensor, face: Any) -> Tensor:
        return (face(enhanced) - face(positive)).square().mean()


class Scaled(nn.Module):
    def __init__(self, by: float) -> None:
        super().__init__()
        self.by = by

    def forward(self, image: Tensor) -> Tensor:
        return image.mean() * self.by


class MeanFeature(nn.Module):
    def forward(self, enhanced: Tensor, features: Any) -> Tensor:
        return features(enhanced)


def test_losses_and_metrics_read_what_the_config_redirects_them_to(
    resolved: Resolved, add_plugin: AddPlugin, tmp_path: Path
):
    add_plugin({"loss": {"mean_feature": MeanFeature}, "head": {"scaled": Scaled}})
    heads = {"features": {"type": "scaled", "by": 1.0}, "clip": {"type": "scaled", "by": 10.0}}
    other = {"type": "mean_feature", "weight": 0.1, "reads": {"features": "clip"}}
    dark = {"type": "psnr", "reads": {"image": "low"}}
    metrics = {"psnr": {"type": "psnr"}, "dark": dark}
    losses = {"one": {"type": "mean_feature"}, "other": other}
    cfg = resolved(measured=True, losses=losses, heads=heads, metrics=metrics, max_iters=1, log_interval=1)
    table = train(cfg, "tiny")["test"]
    assert table["enhanced"]["dark"] == table["low"]["psnr"] != table["enhanced"]["psnr"]
    log = json.loads((tmp_path / "run" / "metrics.jsonl").read_text().splitlines()[0])
    assert log["loss/other"] == pytest.approx(10 * log["loss/one"])
    assert log["loss/total"] == pytest.approx(2 * log["loss/one"])


def test_heads_run_once_a_picture_and_step_without_gradient_where_none_is_needed(
    resolved: Resolved, add_plugin: AddPlugin
):
    Head.calls = []
    add_plugin({"head": {"counting": Head}, "loss": {"through": ThroughHead}})
    cfg = resolved(heads={"face": {"type": "counting"}}, losses={"a": {"type": "through"}, "b": {"type": "through"}})
    trainer = Trainer(cfg, "tiny")
    before = {k: v.clone() for k, v in trainer.bank.heads["face"].state_dict().items()}
    trainer.run()
    assert Head.calls == [True, False] * 2
    assert all(torch.equal(v, before[k]) for k, v in trainer.bank.heads["face"].state_dict().items())
    saved = torch.load(Path(cfg["work_dir"]) / "last.pth", weights_only=True)
    assert not any("face" in key or "layer" in key for part in ("state_dict", "model") for key in saved[part])


class Reads(nn.Module):
    def forward(self, enhanced: Tensor, normals: Tensor) -> Tensor:
        return enhanced.mean()


class Unlit(Dataset):
    names = ("normal", "key")

    def __len__(self) -> int:
        return 1

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"losses": {"x": {"type": "reads"}}},
            "losses.x: reads 'normals', which nobody supplies; did you mean 'normal'?; on offer from ",
        ),
        ({"losses": {"x": {"type": "through"}}}, "losses.x: reads 'face', which nobody supplies"),
        (
            {
                "losses": {"x": {"type": "perceptual", "reads": {"features": "clap"}}},
                "heads": {"clip": {"type": "small_features", "weights": "embedded"}},
            },
            "losses.x: reads 'clap', which nobody supplies; did you mean 'clip'?; on offer from train_dataset ",
        ),
        (
            {"losses": {"x": {"type": "made_loss", "reads": {"enhance": "low"}}}},  # known only once it is built
            "losses.x.reads.enhance: it reads no such name; did you mean 'enhanced'?",
        ),
        (
            {"losses": {"x": {"type": "through"}}, "heads": {"face": {"type": "marked"}}},
            "losses.x: heads.face: reads 'irises', which nobody supplies",
        ),
        ({"train_dataset": {"type": "unlit"}}, "train_dataset: reads 'low', which nobody supplies"),
        ({"val_dataset": {"type": "rendered_faces", "size": 32}}, "val_dataset: reads 'low', which nobody supplies"),
        (
            {"heads": {"features": {"type": "small_features", "weights": "gone.pth"}}},
            "heads.features.weights: no file 'gone.pth'",
        ),
        ({"device": "gpu"}, "device: 'gpu' is no device; use auto"),
    ],
)
def test_what_cannot_work_is_found_before_training_and_leaves_no_work_dir(
    resolved: Resolved, add_plugin: AddPlugin, changes: dict[str, Any], told: str
):
    class Marked(nn.Module):
        def forward(self, image: Tensor, *, irises: Tensor) -> Tensor:
            return image

    add_plugin(
        {
            "loss": {"reads": Reads, "through": ThroughHead, "made_loss": lambda: ThroughHead()},
            "dataset": {"unlit": Unlit},
            "head": {"marked": Marked},
        }
    )
    cfg = resolved(**changes)
    with pytest.raises(ConfigError) as raised:
        Trainer(cfg, "tiny")
    assert str(raised.value).startswith(told)
    assert "\n" not in str(raised.value)
    assert not Path(cfg["work_dir"]).exists()


def test_everything_missing_is_told_at_once(resolved: Resolved, tmp_path: Path):
    heads = {"features": {"type": "small_features", "weights": "gone.pth"}}
    with pytest.raises(ConfigError) as raised:
        Trainer(resolved(heads=heads, val_dataset={"type": "lapa_face", "root": str(tmp_path / "none")}), "tiny")
    assert [line.split(":")[0] for line in str(raised.value).splitlines()] == ["heads.features.weights", "val_dataset"]


def test_the_best_checkpoint_is_by_the_direction_the_metric_states(resolved: Resolved, add_plugin: AddPlugin):
    class Steps:
        """Counts up from one validation to the next: the first is the best where lower is better."""

        count = 0

        def update(self, image: Tensor) -> None:
            pass

        def compute(self) -> float:
            Steps.count += 1
            return Steps.count

    add_plugin({"metric": {"steps": (Steps, {"better": "lower"})}})
    cfg = resolved(measured=True, metrics={"steps": {"type": "steps"}}, best="steps", val_interval=1)
    assert train(cfg, "tiny")["best"]["iter"] == 1
    assert torch.load(Path(cfg["work_dir"]) / "best.pth", weights_only=True)["iter"] == 1


def test_the_moving_average_is_what_is_judged_and_kept(resolved: Resolved):
    cfg = resolved(ema=0.5, max_iters=3)
    train(cfg, "tiny")
    content = torch.load(Path(cfg["work_dir"]) / "last.pth", weights_only=True)
    kept, live = content["state_dict"]["conv.0.weight"], content["model"]["enhancer.conv.0.weight"]
    assert not torch.equal(kept, live)


def test_a_run_is_resumed_from_a_checkpoint_into_another_work_dir(resolved: Resolved, tmp_path: Path):
    first = resolved(work_dir=str(tmp_path / "a"))
    train(first, "tiny")
    later = resolved(work_dir=str(tmp_path / "b"), max_iters=3)
    assert train(later, "tiny", resume=str(tmp_path / "a" / "last.pth"))["iterations"] == 3
    assert {"config.py", "manifest.json", "last.pth"} <= {p.name for p in (tmp_path / "b").iterdir()}
