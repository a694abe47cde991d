from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lowface_core.errors import LowfaceError
from lowface_core.evaluation.metric_set import MetricSet, metric_reads, stages_of
from lowface_core.step.wiring import Reads

HIGHER = {"better": "higher"}


class Mean:
    """Mean of the judged picture; tells each picture's, and goes on from a state."""

    variant, unit = "plain", "levels"

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.seen: list[float] = []

    def update(self, image: Tensor) -> dict[str, Tensor]:
        values = image.mean((1, 2, 3))
        self.seen += values.tolist()
        return {"mean": values}

    def compute(self) -> float:
        return sum(self.seen) / len(self.seen)

    def state(self) -> dict[str, Any]:
        return {"seen": self.seen}

    def load_state(self, state: dict[str, Any]) -> None:
        self.seen = list(state["seen"])


class Several(Mean):
    """Two numbers, of which the second is better when lower."""

    better = {"spread": "lower"}  # noqa: RUF012
    unit = {"spread": "dB"}  # type: ignore[assignment]  # noqa: RUF012

    def compute(self) -> dict[str, float]:  # type: ignore[override]
        return {"several": 1.0, "spread": 2.0}


class Stranger:
    """No variant, no state, no reset, nothing told about single pictures."""

    def __init__(self, k: int = 1, mode: str = "a") -> None:
        self.total = 0.0

    def update(self, image: Tensor) -> None:
        self.total += float(image.sum())

    def compute(self) -> float:
        return self.total


class Networked:
    """Has a network, counts in a buffer of it, and remembers how often it was built."""

    built = 0

    def __init__(self) -> None:
        Networked.built += 1
        self.network = nn.BatchNorm2d(3, momentum=1.0)

    def update(self, image: Tensor) -> None:
        self.network(image)

    def compute(self) -> float:
        return float(self.network.running_mean.mean())


def batch(value: float = 0.5, count: int = 2) -> dict[str, Any]:
    return {s: torch.full((count, 3, 2, 2), v) for s, v in (("low", 0.1), ("enhanced", value), ("normal", 0.7))}


def judged(metrics: dict[str, Any], names: tuple[str, ...] = ("low", "normal"), **kwargs: Any) -> MetricSet:
    metric_set = MetricSet(metrics, names, **kwargs)
    metric_set.numbers = metric_set.update(batch())  # type: ignore[attr-defined]
    return metric_set


def test_a_full_reference_metric_skips_the_reference_itself() -> None:
    names = ("low", "normal")
    assert stages_of(Reads({}, ("image",)), names) == ["low", "enhanced", "normal"]
    assert stages_of(Reads({}, ("image", "normal")), names) == ["low", "enhanced"]
    assert stages_of(Reads({}, ("image", "normal")), ("enhanced", "normal", "key")) == ["enhanced"]
    assert stages_of(Reads(("image",), ()), ("low",)) == ["low", "enhanced"]


def test_columns_say_metric_variant_direction_unit_and_source(add_plugin: Callable[..., None]) -> None:
    add_plugin({"metric": {"mean": (Mean, {**HIGHER, "source": "Somebody (2004)"}), "several": (Several, HIGHER)}})
    table, columns = judged({"mean": {"type": "mean"}, "several": {"type": "several"}}).compute()
    assert columns["mean"] == {
        "metric": "stranger/mean",
        "variant": "plain",
        "better": "higher",
        "unit": "levels",
        "source": "Somebody (2004)",
    }
    assert (columns["spread"]["better"], columns["spread"]["unit"]) == ("lower", "dB")
    assert columns["spread"]["number"] == "spread"
    assert columns["several"]["better"] == "higher"
    assert table["enhanced"] == {"mean": 0.5, "several": 1.0, "spread": 2.0}


def test_the_variant_of_a_metric_without_one_is_its_keywords(add_plugin: Callable[..., None]) -> None:
    add_plugin({"metric": {"odd": (Stranger, HIGHER)}})
    metrics = {"a": {"type": "odd"}, "b": {"type": "odd", "mode": "b", "k": 3}}
    _, columns = judged(metrics).compute()
    assert (columns["a"]["variant"], columns["b"]["variant"]) == ("", "k=3, mode='b'")


def test_columns_name_the_heads_that_were_asked_with_weights_by_file_name(
    add_plugin: Callable[..., None], tmp_path: Path
) -> None:
    class Asking(Stranger):
        def update(self, image: Tensor, face: Any = None) -> None:  # type: ignore[override]
            pass

    (tmp_path / "w.pth").write_bytes(b"")
    add_plugin({"metric": {"asking": (Asking, HIGHER), "odd": (Stranger, HIGHER)}})
    heads = {"face": {"type": "face", "weights": str(tmp_path / "w.pth"), "detector": {"weights": "named"}}}
    _, columns = judged({"asking": {"type": "asking"}, "odd": {"type": "odd"}}, heads=heads).compute()
    assert columns["asking"]["heads"] == {
        "face": {"type": "face", "weights": "w.pth", "detector": {"weights": "named"}}
    }
    assert "heads" not in columns["odd"]


def test_numbers_of_one_name_stay_apart(add_plugin: Callable[..., None]) -> None:
    add_plugin({"metric": {"several": (Several, HIGHER), "mean": (Mean, HIGHER)}})
    metrics = {"several": {"type": "several"}, "again": {"type": "several"}, "mean:x": {"type": "mean"}}
    metric_set = judged(metrics)
    table, _ = metric_set.compute()
    assert list(table["low"]) == ["several", "spread", "again", "again/spread", "mean:x"]
    assert metric_set.direction("again/spread") == metric_set.direction("spread") == "lower"
    assert metric_set.direction("mean:x") == "higher"
    assert list(metric_set.numbers["enhanced"]) == ["mean", "again/mean", "mean:x"]  # type: ignore[attr-defined]


def test_each_picture_has_its_own_numbers(add_plugin: Callable[..., None]) -> None:
    add_plugin({"metric": {"mean": (Mean, HIGHER), "odd": (Stranger, HIGHER)}})
    metric_set = judged({"mean": {"type": "mean"}, "odd": {"type": "odd"}})
    told = {stage: {c: v.tolist() for c, v in row.items()} for stage, row in metric_set.numbers.items()}  # type: ignore
    assert told["enhanced"] == {"mean": [0.5, 0.5]}
    assert told["low"] == {"mean": pytest.approx([0.1, 0.1])}


def test_a_wrong_count_of_numbers_is_refused(add_plugin: Callable[..., None]) -> None:
    class Wrong(Mean):
        def update(self, image: Tensor) -> dict[str, Tensor]:
            return {"mean": image.mean()}

    add_plugin({"metric": {"mean": (Wrong, HIGHER)}})
    with pytest.raises(LowfaceError, match=r"metrics.mean: update must return one number a picture for 'mean'"):
        judged({"mean": {"type": "mean"}})


def test_a_network_is_built_once_and_what_it_counts_stays_apart(add_plugin: Callable[..., None]) -> None:
    add_plugin({"metric": {"networked": (Networked, HIGHER)}})
    Networked.built = 0
    metric_set = judged({"networked": {"type": "networked"}})
    assert Networked.built == 1
    table, _ = metric_set.compute()
    assert [round(table[s]["networked"], 6) for s in ("low", "enhanced", "normal")] == [0.1, 0.5, 0.7]
    weights = {id(m.network.weight) for m in metric_set._built.values()}
    assert len(weights) == 1


def test_a_metric_with_hooks_or_uncopyable_parts_is_built_again(add_plugin: Callable[..., None]) -> None:
    class Hooked(Networked):
        def __init__(self) -> None:
            super().__init__()
            self.features: list[float] = []
            self.network.register_forward_hook(lambda m, i, o: self.features.append(float(i[0].mean())))

        def compute(self) -> float:
            return sum(self.features)

    class Uncopyable(Networked):
        def __init__(self) -> None:
            super().__init__()
            self.stream = (x for x in ())

    add_plugin({"metric": {"hooked": (Hooked, HIGHER), "uncopyable": (Uncopyable, HIGHER)}})
    table, _ = judged({"a": {"type": "hooked"}, "b": {"type": "uncopyable"}}).compute()
    for name in "ab":
        assert [round(table[s][name], 6) for s in ("low", "enhanced", "normal")] == [0.1, 0.5, 0.7]


def test_what_a_metric_reads_is_known_without_building_it(add_plugin: Callable[..., None]) -> None:
    add_plugin({"metric": {"networked": (Networked, HIGHER), "made": (lambda: Mean(), HIGHER)}})
    Networked.built = 0
    image, enhanced = Reads({"image": "image"}, ("image",)), Reads({"image": "enhanced"}, ("enhanced",))
    metrics = {"n": {"type": "networked"}, "m": {"type": "made", "reads": {"image": "enhanced"}}}
    assert metric_reads(metrics) == {"n": image, "m": enhanced}
    assert Networked.built == 0
    assert metric_reads(None) == {}


def test_it_goes_on_from_its_state_and_starts_anew_on_reset(add_plugin: Callable[..., None]) -> None:
    add_plugin({"metric": {"mean": (Mean, HIGHER), "several": (Several, HIGHER), "odd": (Stranger, HIGHER)}})
    metrics = {"mean": {"type": "mean"}, "several": {"type": "several"}}
    first, second = judged(metrics), MetricSet(metrics, ("low", "normal"))
    assert first.stateless == []
    second.load_state(first.state())
    for metric_set in (first, second):
        metric_set.update(batch(0.9, count=1))
    assert first.compute() == second.compute()
    assert second.compute()[0]["enhanced"]["mean"] == pytest.approx(1.9 / 3)
    assert MetricSet({**metrics, "odd": {"type": "odd"}}, ()).stateless == ["odd"]
    anew = judged({"mean": {"type": "mean"}, "odd": {"type": "odd"}})
    anew.reset()
    anew.update(batch(0.25))
    assert anew.compute()[0]["enhanced"] == {"mean": 0.25, "odd": 6.0}
