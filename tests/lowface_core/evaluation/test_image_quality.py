from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lowface_core.data.dataset import Dataset
from lowface_core.evaluation.image_quality import ImageQuality, evaluate
from lowface_core.evaluation.measurement import measure
from lowface_core.evaluation.metric_set import MetricSet
from lowface_core.evaluation.text_table import aligned, table_text
from lowface_core.runs import result_folder
from lowface_core.step.head_bank import HeadBank


class Mean:
    """Mean of the judged picture, and how many pictures it saw."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def update(self, image: Tensor) -> dict[str, Tensor]:
        values = image.mean((1, 2, 3))
        self.seen += values.tolist()
        return {"mean": values}

    def compute(self) -> dict[str, float]:
        return {"mean": sum(self.seen) / len(self.seen), "count": len(self.seen)}

    def state(self) -> dict[str, Any]:
        return {"seen": self.seen}

    def load_state(self, state: dict[str, Any]) -> None:
        self.seen = list(state["seen"])


class Noisy(Mean):
    """Draws from torch's generator, as a metric that picks random crops would."""

    def update(self, image: Tensor) -> dict[str, Tensor]:
        return super().update(image + torch.rand(()))


class Reference:
    """Cannot go on from a state."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def update(self, image: Tensor, normal: Tensor) -> None:
        self.seen += (image - normal).abs().mean((1, 2, 3)).tolist()

    def compute(self) -> float:
        return sum(self.seen) / len(self.seen)


class Grey(Dataset):
    names = ("low", "normal", "key")

    def __init__(self, length: int = 3) -> None:
        self.length = length

    def __len__(self) -> int:
        return self.length

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        size = 2 if index < 4 else 3  # so that batches end early
        levels = (("low", 0.2 + index / 100), ("normal", 0.6))
        return {"key": f"k{index}", **{n: np.full((3, size, size), v, np.float32) for n, v in levels}}


class Double(nn.Module):
    def forward(self, low: Tensor) -> Tensor:
        assert not self.training
        return low * 6


METRICS = {"m": {"type": "mean"}, "n": {"type": "noisy"}}


@pytest.fixture(autouse=True)
def _metrics(add_plugin: Callable[..., None]) -> None:
    made = {"mean": (Mean, {"better": "higher"}), "noisy": (Noisy, {"better": "higher"})}
    add_plugin({"metric": {**made, "reference": (Reference, {"better": "lower"})}})


def of(metrics: dict[str, Any], data: Dataset) -> ImageQuality:
    settings = {"device": "cpu", "seed": 0, "eval_batch_size": 2, "best": "psnr", "heads": {}}
    return ImageQuality("x", {**settings, "metrics": metrics}, "test_dataset", data, Double(), {})


def run(
    data: Dataset, work_dir: Path, metrics: dict[str, Any] | None = None, stop: int | None = None
) -> dict[str, Any]:
    """A whole evaluation into a folder, or one that stops once so many batches are done: table, lines, thumbnails."""
    measurement = of(metrics or METRICS, data)

    def stopping(start: int, folder: Any) -> Iterator[int]:
        for number, count in enumerate(ImageQuality.batches(measurement, start, folder), 1):
            yield count
            if number == stop:
                raise KeyboardInterrupt

    measurement.batches = stopping  # type: ignore[method-assign]
    table = measure(measurement, work_dir)["table"]
    files = {p.name: p.read_bytes() for p in sorted((work_dir / "pictures").iterdir())}
    return {"table": table, "lines": (work_dir / "pictures.jsonl").read_text(), "files": files}


def test_each_metric_judges_each_stage_it_can() -> None:
    enhancer, done = Double().train(), []
    metrics = MetricSet({"m": {"type": "mean"}, "r": {"type": "reference"}}, Grey.names)
    table, columns = evaluate(enhancer, Grey(), metrics, HeadBank({}), batch_size=2, advance=done.append)
    assert table["low"] == pytest.approx({"m": 0.21, "count": 3, "r": 0.39})
    assert table["enhanced"] == pytest.approx({"m": 1.0, "count": 3, "r": 0.4})  # judged after clipping to [0,1]
    assert table["normal"] == pytest.approx({"m": 0.6, "count": 3})
    assert columns["r"]["better"] == "lower"
    assert done == [2, 1]
    assert enhancer.training


def test_without_an_enhancer_the_data_supply_the_enhanced_pictures() -> None:
    class Done(Grey):
        names = ("enhanced", "normal", "key")

        def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
            item = super().item(index, rng)
            return {"enhanced": item.pop("low"), **item}

    metrics = MetricSet({"m": {"type": "mean"}}, Done.names)
    table, _ = evaluate(None, Done(), metrics, HeadBank({}), batch_size=2)
    assert table == {
        "enhanced": pytest.approx({"m": 0.21, "count": 3}),
        "normal": pytest.approx({"m": 0.6, "count": 3}),
    }


def test_each_picture_gets_a_line_and_galleries_show_samples_and_the_worst(tmp_path: Path) -> None:
    told = run(Grey(), tmp_path / "r", {"m": {"type": "mean"}})
    lines = [json.loads(line) for line in told["lines"].splitlines()]
    assert [line["key"] for line in lines] == ["k0", "k1", "k2"]
    assert lines[1]["low"] == pytest.approx({"m": 0.21})
    assert list(lines[0]) == ["key", "low", "enhanced", "normal"]
    index = json.loads(told["files"]["index.json"])
    assert [(e["group"], e["key"]) for e in index[:3]] == [("sample", "k0"), ("sample", "k1"), ("sample", "k2")]
    assert {e["group"] for e in index[3:]} == {"worst"}
    assert index[0]["stages"] == {s: f"0001_{s}.jpg" for s in ("low", "enhanced", "normal")}
    assert index[3]["note"] == "by m"


@pytest.mark.parametrize("stop", [1, 2, 3, 4])
def test_an_interrupted_evaluation_ends_like_an_uninterrupted_one(
    stop: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(result_folder, "SECONDS", 0.0)
    data, done = Grey(7), [2, 4, 6, 7][stop - 1]
    whole = run(data, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(data, tmp_path / "cut", stop=stop)
    with (tmp_path / "cut" / "pictures.jsonl").open("a") as file:
        file.write('{"key": "half a li')
    assert run(data, tmp_path / "cut") == whole
    assert f"cut: continuing after {done} pictures" in capsys.readouterr().err


def test_a_metric_without_state_makes_it_start_anew_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(result_folder, "SECONDS", 0.0)
    metrics = {**METRICS, "r": {"type": "reference"}}
    whole = run(Grey(), tmp_path / "whole", metrics)

    with pytest.raises(KeyboardInterrupt):
        run(Grey(), tmp_path / "cut", metrics, stop=1)
    assert run(Grey(), tmp_path / "cut", metrics) == whole
    assert "cut: starting anew; r cannot go on from a saved state\n" in capsys.readouterr().err


def test_the_table_has_a_line_a_stage_and_a_dash_where_there_is_no_number() -> None:
    first, low, enhanced = table_text({"low": {"psnr": 1.0}, "enhanced": {"rank1": 0.5}, "normal": {}}).splitlines()
    assert first.split() == ["psnr", "rank1"]
    assert low.split() == ["low", "1.0000", "–"]
    assert enhanced.split() == ["enhanced", "–", "0.5000"]
    assert torch.is_grad_enabled()


def test_the_table_says_variant_direction_and_unit() -> None:
    columns = {"psnr": {"better": "higher", "variant": "rgb", "unit": "dB"}, "niqe": {"better": "lower"}}
    lines = table_text({"low": {"psnr": 1.0, "niqe": None}}, columns).splitlines()
    assert lines[1].split() == ["↑", "rgb,", "dB", "↓"]
    assert len(set(map(len, lines))) == 1


def test_columns_are_as_wide_as_they_need_be_and_empty_ones_are_left_out() -> None:
    lines = aligned(["a", "bb", "c"], {"low": ["1", "–", "100.0"], "normal": ["22", "–", "–"]})
    assert lines == ["         a      c", "low      1  100.0", "normal  22      –"]
