"""Training in which the judge learns too: whose turn it is, what a checkpoint keeps of it, what is measured with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.errors import ConfigError, LowfaceError, WeightsError
from lowface_core.evaluation.run import evaluate_config
from lowface_core.train.launch import Interrupt, TrainingStoppedError
from lowface_core.train.trainer import train
from lowface_core.train.turns import Phase, Turns
from tests.bitwise import assert_equal

AddPlugin = Callable[..., None]
Resolved = Callable[..., dict[str, Any]]


class Judge(nn.Module):
    """A classifier with all that a state consists of: weights, statistics of batches, random draws."""

    def __init__(self, classes: int = 6) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.norm, self.drop = nn.BatchNorm1d(12), nn.Dropout(0.3)
        self.kernel = nn.Parameter(torch.randn(classes, 12, generator=generator))
        self.offset = nn.Parameter(torch.zeros(classes), requires_grad=False)

    def forward(self, image: Tensor) -> Tensor:
        small = F.adaptive_avg_pool2d(image, 2).flatten(1)
        return self.drop(self.norm(small)) @ self.kernel.T + self.offset


class Mixed(nn.Module):
    """Cross-entropy on dark, enhanced and good pictures; notes who was in training mode."""

    seen: ClassVar[list[tuple[bool, bool, bool]]] = []

    def forward(self, low: Tensor, enhanced: Tensor, normal: Tensor, identity: Tensor, judge: Any) -> Tensor:
        self.seen.append((judge.training, judge.kernel.requires_grad, enhanced.requires_grad))
        return torch.stack([F.cross_entropy(judge(x), identity % 6) for x in (low, enhanced, normal)]).mean()


class Seen(nn.Module):
    """What the enhancer learns: the judge says the same of the enhanced picture as of the good one."""

    def forward(self, enhanced: Tensor, normal: Tensor, judge: Any) -> Tensor:
        return (judge(enhanced) - judge(normal)).square().mean()


class Guessed:
    """Mean highest logit of the judge, which any step of its training changes."""

    def __init__(self) -> None:
        self.values: list[Tensor] = []

    def update(self, image: Tensor, judge: Any) -> None:
        assert not judge.training
        self.values.append(judge(image).amax(1))

    def compute(self) -> float:
        return float(torch.cat(self.values).mean())


@pytest.fixture
def phased(add_plugin: AddPlugin, resolved: Resolved, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """A resolved tiny config with phases: three iterations for the enhancer, two for the judge."""
    add_plugin(
        {
            "head": {"judge": Judge},
            "loss": {"mixed": Mixed, "seen": Seen},
            "metric": {"guessed": (Guessed, {"better": "higher"})},
        }
    )
    Mixed.seen = []

    def config(folder: str = "run", **changes: Any) -> dict[str, Any]:
        default: dict[str, Any] = {
            "heads": {"judge": {"type": "judge"}, "other": {"type": "judge"}},
            "losses": {"mixed": {"type": "mixed"}, "seen": {"type": "seen"}},
            "phases": [
                {"train": "enhancer", "iters": 3, "losses": ["seen"]},
                {"train": "heads.judge", "iters": 2, "losses": ["mixed"], "lr": 0.01},
            ],
            "max_iters": 7,
            "log_interval": 5,
            "checkpoint_interval": 1,
            "sample_interval": 0,
        }
        return resolved(**{**default, "work_dir": str(tmp_path / folder), **changes})

    return config


def content(folder: Path) -> dict[str, Any]:
    return torch.load(folder / "last.pth", weights_only=True)


def test_the_iteration_alone_says_whose_turn_it_is() -> None:
    turns = Turns([Phase("enhancer", 3), Phase("heads.x", 2)])
    assert [turns.at(iteration) for iteration in range(8)] == [0, 0, 0, 1, 1, 0, 0, 0]
    for iteration in range(13):
        done = [turns.done(place, iteration) for place in (0, 1)]
        assert done == [sum(turns.at(i) == place for i in range(iteration)) for place in (0, 1)]
    assert turns.heads == ("x",)
    assert Turns.of({}).phases == (Phase(),)
    named = Turns.of({"phases": [{"train": "enhancer", "iters": 1}, {"train": "enhancer", "iters": 2, "lr": 0}]})
    assert [(phase.name, phase.lr) for phase in named.phases] == [("enhancer[0]", None), ("enhancer[1]", 0)]


def stopping_after(iteration: int) -> Callable[..., bool]:
    calls: list[int] = []

    def agreed(self: Interrupt, device: torch.device) -> bool:
        calls.append(0)
        return len(calls) == iteration

    return agreed


VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "all": {
        "ema": 0.9,
        "lr_schedule": "cosine",
        "accumulate": 2,
        "max_iters": 15,
        "phases": [
            {"train": "heads.judge", "iters": 4, "losses": ["mixed"]},
            {"train": "enhancer", "iters": 6, "losses": ["seen", "mixed"]},
        ],
    },
}


@pytest.mark.parametrize(
    ("variant", "stop"),
    [
        ("plain", 2),
        ("plain", 4),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in [("plain", 5), ("all", 1), ("all", 3)]),
    ],
)
def test_a_run_goes_on_bit_for_bit_in_the_middle_of_either_phase(
    phased: Callable[..., dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variant: str, stop: int
) -> None:
    changes = VARIANTS[variant]
    train(phased("straight", **changes), "tiny")
    with monkeypatch.context() as patch:
        patch.setattr(Interrupt, "agreed", stopping_after(stop))
        with pytest.raises(TrainingStoppedError):
            train(phased("halves", **changes), "tiny")
    assert content(tmp_path / "halves")["iter"] == stop * changes.get("accumulate", 1)
    torch.manual_seed(12345)
    train(phased("halves", **changes), "tiny", resume="auto")
    one, two = content(tmp_path / "straight"), content(tmp_path / "halves")
    for part in ("iter", "state_dict", "model", "optimizer", "heads", "random", "best"):
        assert_equal(one[part], two[part], part)
    assert len(one["optimizer"]["phases"]) == 2
    assert all(state["state"] for state in one["optimizer"]["phases"])


def test_only_the_one_whose_turn_it_is_learns(phased: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    both = ["seen", "mixed"]
    phases = [
        {"train": "enhancer", "iters": 2, "losses": both},
        {"train": "heads.judge", "iters": 1, "losses": both},
    ]
    states = []
    for iterations in (1, 2, 3):
        train(phased(f"run{iterations}", phases=phases, max_iters=iterations), "tiny")
        states.append(content(tmp_path / f"run{iterations}"))
    (first, second, third), before = states, Judge().state_dict()
    assert Mixed.seen[-3:] == [(False, False, True)] * 2 + [(True, True, False)]
    assert_equal(first["heads"]["judge"], dict(before))
    assert_equal(second["heads"]["judge"], dict(before))
    assert_equal(second["model"], third["model"])
    assert any(not torch.equal(first["model"][key], second["model"][key]) for key in first["model"])
    for key, value in third["heads"]["judge"].items():
        assert torch.equal(value, before[key]) == (key == "offset"), key  # frozen by its author
    assert third["heads"].keys() == {"judge"}  # nobody named the other one
    assert not any("judge" in key or "kernel" in key for key in third["model"])


def test_the_log_tells_phases_apart(phased: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    train(phased(max_iters=10), "tiny")
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [(line["iter"], line["phase"]) for line in lines] == [
        (5, "enhancer"),
        (5, "heads.judge"),
        (10, "enhancer"),
        (10, "heads.judge"),
    ]
    for line in lines:
        of_head = line["phase"] == "heads.judge"
        assert ("loss/mixed" in line, "loss/seen" in line) == (of_head, not of_head)
        assert line["loss/total"] == line["loss/mixed" if of_head else "loss/seen"]
        assert line["lr"] == pytest.approx(0.01 if of_head else 1e-3)


def test_the_trained_head_is_the_one_that_judges(
    phased: Callable[..., dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    measured = {"measured": True, "metrics": {"guessed": {"type": "guessed"}}, "best": "guessed", "val_interval": 5}
    summary = train(phased(**measured), "tiny")
    assert summary["columns"]["guessed"]["heads"] == {"judge": {"type": "judge", "trained": True}}
    cfg = phased(**measured)
    result = evaluate_config(cfg, str(tmp_path / "run"), work_dir=tmp_path / "result")
    for stage in ("low", "enhanced", "normal"):
        assert result["table"][stage]["guessed"] == pytest.approx(summary["test"][stage]["guessed"], abs=1e-5)
    assert result["columns"]["guessed"]["heads"]["judge"]["trained"] is True
    untrained = {**cfg, "losses": {"seen": {"type": "seen"}}, "phases": None, "work_dir": str(tmp_path / "frozen")}
    frozen = train(untrained, "tiny")
    assert abs(frozen["test"]["normal"]["guessed"] - summary["test"]["normal"]["guessed"]) > 1e-3
    assert "trained" not in frozen["columns"]["guessed"]["heads"]["judge"]
    cfg["heads"]["judge"]["classes"] = 7
    with pytest.raises(WeightsError, match=r"^heads\.judge: is not the head of that name that was trained into run "):
        evaluate_config(cfg, str(tmp_path / "run"), work_dir=tmp_path / "other")


def test_a_judge_alone_learns_behind_an_enhancer_without_parameters(
    phased: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    phases = [{"train": "heads.judge", "iters": 1}]
    train(phased(enhancer={"type": "gamma"}, phases=phases, max_iters=2), "tiny")
    assert not torch.equal(content(tmp_path / "run")["heads"]["judge"]["kernel"], Judge().kernel)


def test_a_head_that_diverges_is_found_out(phased: Callable[..., dict[str, Any]]) -> None:
    phases = [{"train": "heads.judge", "iters": 1, "lr": 1e30}]
    with pytest.raises(LowfaceError, match=r"weights have diverged .* lr=1e\+30 is too large"):
        train(phased(phases=phases, grad_clip=None), "tiny")


def test_phases_may_not_change_when_a_run_goes_on(phased: Callable[..., dict[str, Any]]) -> None:
    train(phased(), "tiny")
    with pytest.raises(ConfigError, match=r"^phases"):
        train(phased(max_iters=12, phases=None), "tiny", resume="auto")


def test_a_damaged_head_in_a_checkpoint_is_named(phased: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    train(phased(), "tiny")
    path = tmp_path / "run" / "last.pth"
    saved = content(tmp_path / "run")
    saved["heads"]["judge"]["kernel"] = "none"
    torch.save(saved, path)
    with pytest.raises(WeightsError, match=r"is damaged \(heads\.judge\['kernel'\] must be a tensor"):
        train(phased(max_iters=12), "tiny", resume="auto")
