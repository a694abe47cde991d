"""The conformance suite for metrics."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from lowface_core.errors import LowfaceError
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.wiring import reads
from lowface_core.testing.steps import ReadingContract, Send, stay
from lowface_core.testing.values import row


class MetricContract(ReadingContract):
    """A metric collects pictures in ``update``, whose arguments name what it reads, and gives numbers in ``compute``.

    Attributes to set, besides those of :class:`~lowface_core.testing.steps.StepContract`:
        batch_independent: pictures may come in batches of any size. False for a metric that looks at batches.
        number: which of several numbers the fact ``better`` speaks of; by default the one called like the metric,
            else the first.
        directed: whether a normal-light picture must score at least as well as a darkened one. By default only where
            the metric compares with ``normal``.

    Methods to override: :meth:`names` for other pictures, and those of ``ReadingContract``.
    """

    kind: ClassVar[str] = "metric"
    reader = "update"
    number: ClassVar[str | None] = None
    directed: ClassVar[bool | None] = None
    counts = (2, 2, 3)  # a distance between sets needs two pictures

    def names(self, height: int = 48, width: int = 48, pictures: int = 4) -> dict[str, Any]:
        """What an evaluation offers: the batch and ``enhanced``; ``image``, the picture measured, is ``low`` here."""
        batch = super().names(height, width, pictures)
        enhanced = (batch["low"] * 2.5).clamp(0, 1)
        return {**batch, "enhanced": enhanced, "image": batch["low"]}

    def show(self, metric: Any, names: Mapping[str, Any], bank: HeadBank | None = None) -> Any:
        """Gives the metric a batch, as an evaluation does; returns the metric."""
        bank = self.bank() if bank is None else bank
        self.update(metric, names, bank)
        return metric

    def update(self, metric: Any, names: Mapping[str, Any], bank: HeadBank) -> Any:
        """What ``update`` returns for a batch."""
        with torch.no_grad():
            return metric.update(**reads(metric.update).pick({**names, **bank.bind(names)}))

    def numbers(self, metric: Any) -> dict[str, float]:
        """What it computes, by name; a single number under the metric's own name."""
        value = metric.compute()
        named = value if isinstance(value, Mapping) else {self.registered().name: value}
        return {key: float(number) for key, number in named.items()}

    def outcome(self, made: Any, names: Mapping[str, Any], send: Send = stay) -> dict[str, float]:
        """What it computes from these pictures alone."""
        made.reset()
        return self.numbers(self.show(made, names, self.bank(send)))

    def elsewhere(self, made: Any, send: Send) -> dict[str, float]:
        """What it computes from pictures on another device; numbers come back to the processor."""
        metric = self.build()
        for part in [metric, *vars(metric).values()]:  # an evaluation moves the networks of metrics
            if isinstance(part, nn.Module):
                send(part)
        return self.outcome(metric, send(self.names()), send)

    def _judged(self, image: Tensor) -> float:
        numbers = self.numbers(self.show(self.build(), {**self.names(), "image": image}))
        name = self.number or self.registered().name
        return numbers[name if name in numbers else next(iter(numbers))]

    def test_has_its_three_methods(self) -> None:
        """``update``, ``compute`` and ``reset``."""
        made = self.build()
        missing = [name for name in ("update", "compute", "reset") if not callable(getattr(made, name, None))]
        self.require(not missing, f"it has no {' and no '.join(missing)}()", "add the method")

    def test_reads_the_picture_judged(self) -> None:
        """``update`` reads ``image``: low, enhanced and normal in turn."""
        cure = "read image, or low, enhanced and normal would all score the same"
        self.require("image" in self.read().all, "update does not read image, the picture being measured", cure)

    def test_computes_finite_numbers(self) -> None:
        """``compute`` gives a number, or numbers by name, finite for dark pictures."""
        metric = self.show(self.build(), self.names())
        value = metric.compute()
        with self.holding(f"compute returns {type(value).__name__}", "return a number, or a dict of numbers by name"):
            numbers = self.numbers(metric)
        rule = "it computes nothing"
        self.require(numbers and all(isinstance(key, str) for key in numbers), rule, "return at least one number")
        for key, number in numbers.items():
            cure = "keep divisors and logarithms away from zero"
            self.require(math.isfinite(number), f"{key} is {number} for dark pictures", cure)

    def test_update_returns_nothing_or_each_pictures_numbers(self) -> None:
        """``update`` returns None, or by name a tensor (B,) of what each picture scored."""
        rows = self.update(self.build(), self.names(), self.bank())
        cure = "return None, or {name: tensor (B,)} for the table of single pictures"
        self.require(rows is None or isinstance(rows, Mapping), f"update returns {type(rows).__name__}", cure)
        for name, values in (rows or {}).items():
            shape = tuple(getattr(values, "shape", ()))
            self.require(shape == (4,), f"update returns {shape} as {name!r} for 4 pictures", cure)

    def test_computing_twice_changes_nothing(self) -> None:
        """``compute`` may be called at any time, and more pictures may follow."""
        metric = self.show(self.build(), self.names())
        first, second = self.numbers(metric), self.numbers(metric)
        self.require_same(first, second, "a second compute() gives other numbers", "change nothing in compute()")

    def test_without_pictures_it_says_so(self) -> None:
        """``compute`` before any picture raises a ``LowfaceError`` of one line, no division by zero."""
        rule = "compute() before any picture must raise a LowfaceError of one line"
        cure = "raise LowfaceError with cause and cure when nothing was counted"
        try:
            found = f"return {self.build().compute()!r}"
        except LowfaceError as error:
            found = "" if str(error) and "\n" not in str(error) else "another text"
        except Exception as error:
            found = type(error).__name__
        self.require(not found, f"{rule}, not {found}", cure)

    def test_direction_is_true(self) -> None:
        """``better`` agrees: the normal-light picture itself scores at least as well as a darkened one."""
        better = self.registered().better
        compares = "normal" in self.read().required
        if not (compares if self.directed is None else self.directed):
            pytest.skip("compares with no ground truth; set directed = True if normal light must score better")
        names = self.names()
        good, bad = self._judged(names["normal"]), self._judged(names["low"])
        holds = good >= bad if better == "higher" else good <= bad
        rule = f"better={better!r} is not so: normal light scores {good:.4g}, the darkened picture {bad:.4g}"
        self.require(holds, rule, 'register better="higher" or better="lower" as the number is read')
        if compares:
            self.require(good != bad, f"every picture scores {good:.4g}", "compare image with normal")

    def test_reset_forgets(self) -> None:
        """After ``reset`` it is as new."""
        names, metric = self.names(), self.build()
        other = {**names, "image": names["normal"].flip(0)}
        self.show(metric, other)
        metric.reset()
        new, used = (self.numbers(self.show(made, names)) for made in (self.build(), metric))
        self.require_same(new, used, "pictures from before reset() still count", "set everything back in reset()")

    def test_batches_may_be_of_any_size(self) -> None:
        """Pictures one by one, or all at once, give the same numbers."""
        if not self.batch_independent:
            pytest.skip("declared to look at batches")
        names, single, bank = self.names(), self.build(), self.bank()
        for index in range(4):
            self.update(single, row(names, index, 4), bank)
        rule = "pictures one by one give other numbers than all at once"
        cure = "sum over pictures and divide by their number in compute(), not by that of batches"
        self.require_same(self.outcome(self.build(), names), self.numbers(single), rule, cure, self.tolerance)

    def test_state_can_be_carried_over(self) -> None:
        """``state()`` and ``load_state()``, where offered: what was collected goes to another instance, and adds on."""
        names, first = self.names(), self.build()
        if not hasattr(first, "state") and not hasattr(first, "load_state"):
            pytest.skip("offers no state()")
        rule = "it has one of state() and load_state()"
        self.require(hasattr(first, "state") and hasattr(first, "load_state"), rule, "offer both, or neither")
        halves = [{key: value[part] for key, value in names.items()} for part in (slice(2), slice(2, 4))]
        self.show(first, halves[0])
        with self.holding("its state() cannot be saved", "return tensors and plain data"):
            file = io.BytesIO()
            torch.save(first.state(), file)
            file.seek(0)
            state = torch.load(file, weights_only=True)
        second = self.build()
        second.load_state(state)
        cure = "carry everything over"
        numbers = self.numbers(first), self.numbers(second)
        self.require_same(*numbers, "load_state(state()) gives other numbers", cure, 1e-9)
        numbers = self.numbers(self.show(first, halves[1])), self.numbers(self.show(second, halves[1]))
        self.require_same(*numbers, "going on after load_state() gives other numbers", cure, self.tolerance)
