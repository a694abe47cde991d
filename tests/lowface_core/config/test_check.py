from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch import nn

from lowface_core.config.check import check_config, purpose
from lowface_core.config.load import load, shipped
from lowface_core.errors import ConfigError

Resolved = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_config_is_without_fault(name: str):
    cfg = load(name, ["data_root=/data", "weights_root=/weights"])
    check_config(cfg, purpose(cfg))


def test_the_tiny_configs_are_without_fault(resolved: Resolved):
    check_config(resolved(), "train")
    check_config(resolved(measured=True), "train")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"lerning_rate": 1}, "lerning_rate: unknown config key"),
        ({"batchsize": 1}, "batchsize: unknown config key; did you mean 'batch_size'?"),
        ({"losses": {}}, "losses: missing; lowface train needs it"),
        ({"max_iters": None}, "max_iters: say either max_iters or max_epochs"),
        ({"max_epochs": 3}, "max_iters: say either max_iters or max_epochs"),
        ({"max_iters": 0}, "max_iters: must be an integer >= 1 or None, not 0"),
        ({"batch_size": 1.5}, "batch_size: must be an integer >= 1, not 1.5 (pictures per iteration and process)"),
        ({"batch_size": True}, "batch_size: must be an integer >= 1, not True (pictures per iteration and process)"),
        ({"batch_size": None}, "batch_size: must be an integer >= 1, not None (pictures per iteration and process)"),
        ({"ema": 1.5}, "ema: must be a number >= 0 and <= 1 or None, not 1.5"),
        ({"lr": "fast"}, "lr: must be a number >= 0, not 'fast' (Adam's learning rate)"),
        ({"lr_schedule": "cosin"}, "lr_schedule: must be one of 'fixed', 'cosine', not 'cosin'; did you mean"),
        ({"heads": [1]}, "heads: must be a dict of named parts, not [1]"),
        ({"task": 3}, "task: must be a dict of named parts, not 3"),
        ({"task": 0}, "task: must be a dict of named parts, not 0"),
        ({"heads": []}, "heads: must be a dict of named parts, not []"),
        ({"metrics": ""}, "metrics: must be a dict of named parts, not ''"),
        ({"losses": {"c": {"type": "color", "weight": "0,1"}}}, "losses.c.weight: must be a number, not '0,1'"),
        (
            {"losses": {"c": {"type": "color", "from": "paper"}}},
            "losses.c.from: loss 'color' takes no such keyword; did you mean 'form'?",
        ),
        (
            {"losses": {"c": {"type": "perceptual", "reads": {"feature": "clip"}}}},
            "losses.c.reads.feature: it reads no such name; did you mean 'features'?",
        ),
        ({"metrics": {"psnr": {"type": "psnr", "reads": "low"}}}, "metrics.psnr.reads: must be a dict"),
        ({"heads": {"p": {"type": "small_features", "weights": "embedded", "reads": {}}}}, "heads.p.reads: head 'smal"),
        ({"metrics": {"p": {"type": "psnr"}}}, "best: 'psnr' is not a metric"),
        (
            {"enhancer": {"type": "retinexx"}},
            "enhancer.type: unknown enhancer 'retinexx'; did you mean 'retinex'?; on offer: ",
        ),
        (
            {"train_dataset": {"type": "rendered_faces", "degradation": {"type": "linaer"}}},
            "train_dataset.degradation.type: unknown degradation 'linaer'; did you mean 'linear'?",
        ),
        (
            {"enhancer": {"type": "lowface_retinex.enhance_net:EnhanceNet"}},
            "enhancer.type: unknown enhancer 'lowface_retinex.enhance_net:EnhanceNet'",
        ),
    ],
)
def test_a_fault_is_one_line_with_its_path(resolved: Resolved, changes: dict[str, Any], fault: str):
    with pytest.raises(ConfigError) as raised:
        check_config(resolved(**changes), "train")
    assert str(raised.value).startswith(fault)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"lr": float("nan")}, "lr: must be a number >= 0, not nan (Adam's learning rate)"),
        ({"losses": {"c": {"type": "color", "weight": float("inf")}}}, "losses.c.weight: must be a number, not inf"),
    ],
)
def test_numbers_that_are_not_finite_are_refused(resolved: Resolved, changes: dict[str, Any], fault: str):
    with pytest.raises(ConfigError) as raised:
        check_config({**resolved(), **changes}, "train")
    assert str(raised.value) == fault


def test_several_faults_are_all_told_a_line_each(resolved: Resolved):
    with pytest.raises(ConfigError) as raised:
        check_config(resolved(batch_size=0, lerning=1, enhancer={"type": "retinex", "chanels": 4}), "train")
    lines = str(raised.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["lerning", "batch_size", "enhancer.chanels"]


def test_none_is_allowed_where_it_means_none(resolved: Resolved):
    check_config(resolved(grad_clip=None, ema=None, val_dataset=None), "train")


def test_pretraining_needs_a_head_and_no_weights(resolved: Resolved):
    cfg = {k: v for k, v in resolved().items() if k not in ("enhancer", "losses")}
    with pytest.raises(ConfigError, match="head: missing; lowface pretrain needs it"):
        check_config(cfg, "pretrain")
    check_config({**cfg, "head": {"type": "small_features"}}, "pretrain")


def test_a_plugin_adds_faults_of_its_own_to_the_rest(resolved: Resolved, add_plugin: Callable[..., None]):
    add_plugin({"loss": {"haze": nn.Identity}}, check_config=lambda cfg: [f"lr: {cfg['lr']} is too fast for haze"])
    with pytest.raises(ConfigError, match=r"^lr: 0\.001 is too fast for haze$"):
        check_config(resolved(), "train")
    with pytest.raises(ConfigError) as raised:
        check_config(resolved(batch_size=0), "train")
    assert [line.split(":")[0] for line in str(raised.value).splitlines()] == ["batch_size", "lr"]


def test_a_plugin_that_stumbles_over_a_fault_is_not_blamed_for_it(resolved: Resolved, add_plugin: Callable[..., None]):
    add_plugin({"loss": {"haze": nn.Identity}}, check_config=lambda cfg: [cfg["lr"] + 1])
    with pytest.raises(ConfigError, match=r"^lr: must be a number >= 0, not 'fast'[^\n]*$"):
        check_config(resolved(lr="fast"), "train")


def test_a_plugin_without_findings_may_return_nothing(resolved: Resolved, add_plugin: Callable[..., None]):
    add_plugin({"loss": {"haze": nn.Identity}}, check_config=lambda cfg: None)
    check_config(resolved(), "train")
