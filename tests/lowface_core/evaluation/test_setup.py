from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.errors import ConfigError
from lowface_core.evaluation.run import narrowed, parse_metrics, resolve, without_cache


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
    config = str(write_config(judged=True))
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
