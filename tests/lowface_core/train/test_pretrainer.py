from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from lowface_core.errors import ConfigError, LowfaceError
from lowface_core.train.pretrainer import pretrain
from lowface_core.weights.record import sha256_of

Resolved = Callable[..., dict[str, Any]]
AddPlugin = Callable[..., None]


class Head(nn.Module):
    def __init__(self, weights: str, width: int = 2) -> None:
        super().__init__()


class Task(nn.Module):
    """Learns the mean of normal pictures."""

    def __init__(self, head_config: dict[str, Any], dataset: Any, scale: float = 1.0) -> None:
        super().__init__()
        self.network = nn.Linear(1, head_config.get("width", 2))
        self.scale = scale

    def loss(self, batch: dict[str, Any]) -> dict[str, Tensor]:
        level = batch["normal"].mean((1, 2, 3))[:, None]
        return {"fit": self.scale * (self.network(level) - level).square().mean()}

    def evaluate(self, dataset: Any, device: torch.device, batch_size: int) -> dict[str, float]:
        assert not self.training
        return {"pictures": float(len(dataset))}

    def state(self) -> dict[str, Tensor]:
        return self.network.state_dict()


@pytest.fixture
def head(add_plugin: AddPlugin, resolved: Resolved) -> Resolved:
    add_plugin({"head": {"level": (Head, {"pretrain": Task}), "plain": Head}})

    def make(**changes: Any) -> dict[str, Any]:
        cfg = resolved(**{"head": {"type": "level", "width": 3}, "measured": True, **changes})
        return {k: v for k, v in cfg.items() if k not in ("enhancer", "losses", "val_dataset", "metrics")}

    return make


def test_a_pretraining_ships_weights_and_a_record_of_how_they_were_made(head: Resolved):
    cfg = head(task={"scale": 2.0}, ema=0.9)
    record = pretrain(cfg, "level")
    folder = Path(cfg["work_dir"])
    assert load_file(folder / "weights.safetensors")["weight"].shape == (3, 1)
    assert record["scores"] == {"pictures": 2.0}
    assert record["sha256"] == sha256_of(folder / "weights.safetensors")
    assert record["head"] == {"type": "level", "width": 3}
    assert json.loads((folder / "record.json").read_text())["iterations"] == 2


def test_a_finished_pretraining_resumes_to_the_same_weights(head: Resolved):
    cfg = head()
    first = pretrain(cfg, "level")
    assert pretrain(cfg, "level", resume="auto")["sha256"] == first["sha256"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"head": {"type": "plain"}}, "head.type: plugin stranger:made registered no pretraining task for 'plain'"),
        (
            {"head": {"type": "level", "widht": 3}},
            "head.widht: head 'level' takes no such keyword; did you mean 'width'?",
        ),
        ({"task": {"scael": 3}}, "task.scael: the task takes no such keyword; did you mean 'scale'?"),
        ({"enhancer_": 3}, "enhancer_: unknown config key"),
    ],
)
def test_faults_are_one_line_and_leave_no_work_dir(head: Resolved, changes: dict[str, Any], told: str):
    cfg = head(**changes)
    with pytest.raises(ConfigError) as raised:
        pretrain(cfg, "level")
    assert str(raised.value).startswith(told)
    assert "\n" not in str(raised.value)
    assert not Path(cfg["work_dir"]).exists()


def test_there_must_be_a_run_to_resume(head: Resolved):
    with pytest.raises(LowfaceError, match="no such work dir to resume"):
        pretrain(head(), "level", resume="auto")
