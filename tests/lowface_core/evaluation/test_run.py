from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from torch import Tensor, nn

from lowface_core import evaluation
from lowface_core.errors import ConfigError, LowfaceError
from lowface_core.evaluation import evaluate_config, evaluate_folders, resolve
from lowface_core.evaluation.run import narrowed, parse_metrics, without_cache


class Outputs(nn.Module):
    """Gives an illumination beside the enhanced picture."""

    outputs = ("enhanced", "illumination")

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        return {"enhanced": low, "illumination": low.mean(1, keepdim=True) + 1}


class Reading:
    """Reads an output of the enhancer, or something that nobody supplies."""

    def update(self, image: Tensor, illumination: Tensor) -> None:
        self.value = float(illumination.mean())

    def compute(self) -> float:
        return self.value


class Wanting(Reading):
    def update(self, image: Tensor, identitty: Tensor) -> None: ...  # type: ignore[override]


@pytest.fixture(autouse=True)
def _made(add_plugin: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    metrics = {"reading": (Reading, {"better": "higher"}), "wanting": (Wanting, {"better": "higher"})}
    add_plugin({"enhancer": {"outputs": Outputs}, "metric": metrics})
    monkeypatch.chdir(tmp_path)


def test_a_metric_may_read_further_outputs_of_the_enhancer(write_config: Callable[..., Path]) -> None:
    cfg = resolve(str(write_config(measured=True)), metrics="reading", enhancer="outputs")
    assert evaluate_config(cfg, chosen=True)["table"]["enhanced"]["reading"] > 1


def test_what_nobody_supplies_is_said_before_anything_is_written(
    write_config: Callable[..., Path], tmp_path: Path
) -> None:
    cfg = resolve(str(write_config(measured=True)), metrics="wanting", enhancer="outputs")
    with pytest.raises(ConfigError, match=r"wanting: reads 'identitty', which nobody supplies; did you mean 'id"):
        evaluate_config(cfg, chosen=True)
    assert not (tmp_path / "work_dirs").exists()


def test_a_config_without_metrics_or_with_a_wrong_device_is_refused(write_config: Callable[..., Path]) -> None:
    config = str(write_config(measured=True, metrics={}))
    with pytest.raises(ConfigError, match="metrics: missing; lowface evaluate needs it"):
        evaluate_config(resolve(config, enhancer="outputs"), chosen=True)
    with pytest.raises(ConfigError, match="device: 'cuda:9' is not on this machine"):
        evaluate_config(resolve(config, (), {"device": "cuda:9"}, "psnr", "outputs"), chosen=True)


def test_folders_are_judged_from_python_by_psnr_and_ssim_unless_told(
    folders: Callable[..., None], tmp_path: Path
) -> None:
    folders(3, "enhanced", "normal")
    result = evaluate_folders(tmp_path / "enhanced", tmp_path / "normal")
    assert list(result["columns"]) == ["psnr", "ssim"]
    assert result["manifest"]["work_dir"] == "work_dirs/evaluate/enhanced"
    other = evaluate_folders(tmp_path / "enhanced", tmp_path / "normal", cfg=resolve(None, metrics="psnr:y"), title="B")
    assert (other["title"], other["columns"]["psnr:y"]["variant"]) == ("B", "y")
    assert other["data"] == result["data"]


def test_pictures_of_several_sizes_are_judged_in_batches_of_one_size(
    folders: Callable[..., None], tmp_path: Path
) -> None:
    folders(3, "enhanced", "normal")
    for name in ("enhanced", "normal"):
        (tmp_path / name / "sub").rename(tmp_path / name / "large")
    folders(2, "enhanced", "normal", size=(12, 16))
    together = evaluate_folders(tmp_path / "enhanced", tmp_path / "normal")
    alone = resolve(None, overrides={"eval_batch_size": 1}, metrics="psnr,ssim")
    assert together["pictures"] == 5
    apart = evaluate_folders(tmp_path / "enhanced", tmp_path / "normal", cfg=alone)
    assert apart["table"]["enhanced"] == pytest.approx(together["table"]["enhanced"], abs=1e-6)


def test_a_metric_that_fails_leaves_no_trace(folders: Callable[..., None], tmp_path: Path) -> None:
    folders(2, "enhanced", "normal", size=(6, 6))
    with pytest.raises(LowfaceError, match="smaller than the 11x11 window"):
        evaluate_folders(tmp_path / "enhanced", tmp_path / "normal", cfg=resolve(None, metrics="ssim:valid"))
    assert not (tmp_path / "work_dirs" / "evaluate" / "enhanced").exists()


def test_the_package_offers_what_it_lists() -> None:
    for name in evaluation.__all__:
        assert getattr(evaluation, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'evaluat'"):
        evaluation.evaluat  # type: ignore[attr-defined]  # noqa: B018


def test_metrics_are_named_with_their_variants() -> None:
    assert parse_metrics("psnr, ssim,ssim:valid") == {
        "psnr": {"type": "psnr"},
        "ssim": {"type": "ssim"},
        "ssim:valid": {"type": "ssim", "variant": "valid"},
    }


def test_a_plus_adds_and_known_metrics_keep_their_keywords() -> None:
    known = {"ssim": {"type": "ssim", "variant": "y"}, "psnr": {"type": "psnr"}}
    assert parse_metrics("+brightness", known) == {**known, "brightness": {"type": "brightness"}}
    assert parse_metrics("ssim", known) == {"ssim": known["ssim"]}
    assert parse_metrics("ssim:valid", known) == {"ssim:valid": {"type": "ssim", "variant": "valid"}}


@pytest.mark.parametrize("text", ["", "psnr,", "ssim:", ":valid", "psnr,psnr"])
def test_unclear_lists_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--metrics"):
        parse_metrics(text)


def test_options_apply_to_the_metrics_and_enhancer_of_the_command_line(write_config: Callable[..., Path]) -> None:
    config = str(write_config(measured=True))
    options = ["metrics.ssim.variant=valid", "enhancer.gamma=0.5", "test_dataset.size=16", "seed=4"]
    cfg = resolve(config, options, {"device": "cpu"}, "ssim", "gamma")
    assert cfg["metrics"] == {"ssim": {"type": "ssim", "variant": "valid"}}
    assert cfg["enhancer"] == {"type": "gamma", "gamma": 0.5}
    assert (cfg["test_dataset"]["size"], cfg["seed"], cfg["device"]) == (16, 4, "cpu")
    assert resolve(config)["metrics"] == {"psnr": {"type": "psnr"}}
    assert resolve(None, ["metrics.ssim.variant=valid"], metrics="ssim")["metrics"]["ssim"]["variant"] == "valid"


def test_only_what_is_used_is_kept(add_plugin: Callable[..., None]) -> None:
    class Asking:
        def update(self, image: Any, face: Any) -> None: ...

    add_plugin({"metric": {"asking": (Asking, {"better": "higher"})}})
    cfg = {
        "seed": 1,
        "losses": {},
        "heads": {"face": {"type": "f"}, "vgg": {}},
        "metrics": {"asking": {"type": "asking"}},
    }
    cfg |= {"test_dataset": {"type": "t"}, "val_dataset": {}, "enhancer": {"type": "e"}}
    part = narrowed(cfg, "test_dataset", False)
    assert part == {k: cfg[k] for k in ("seed", "metrics", "test_dataset")} | {"heads": {"face": {"type": "f"}}}
    assert narrowed(cfg, None, True)["enhancer"] == {"type": "e"}


def test_a_data_set_keeps_no_pictures_unless_told() -> None:
    assert without_cache({"type": "paired_folder", "low": "a"})["cache"] is False
    assert without_cache({"type": "paired_folder", "cache": True})["cache"] is True
    assert without_cache({"type": "rendered_faces"}) == {"type": "rendered_faces"}
