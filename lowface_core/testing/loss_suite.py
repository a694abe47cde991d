"""The conformance suite for losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from lowface_core.step.head_bank import HeadBank
from lowface_core.step.run_enhancer import kind_of
from lowface_core.step.wiring import reads
from lowface_core.testing.steps import ModuleContract, ReadingContract, Send, stay
from lowface_core.testing.suite import STEEP
from lowface_core.testing.values import copied, difference, row


class LossContract(ReadingContract, ModuleContract):
    """A loss is a module whose ``forward`` names what it reads and returns one finite number with a gradient.

    Attributes to set, besides those of :class:`~lowface_core.testing.steps.StepContract`:
        batch_independent: the loss of a batch is the mean of the losses of its pictures. Set False for a loss that
            compares pictures of a batch, or takes a ratio of means; a batch given twice must cost the same even then.
        random: True for a loss that draws numbers (from torch); the suite then sets the seed before each call.
        trained: outputs of an enhancer; of those that the loss reads, one at least must receive a gradient.

    Methods to override: :meth:`names` for other inputs, and those of ``ReadingContract``.
    """

    kind: ClassVar[str] = "loss"
    reader = "forward"
    random: ClassVar[bool] = False
    trained: ClassVar[Sequence[str]] = ("enhanced", "illumination")
    smallest: ClassVar[int] = 16

    def names(self, height: int = 32, width: int = 32, pictures: int = 4) -> dict[str, Any]:
        """What a step offers: the batch (see ``tiny_batch``), and ``enhanced`` and ``illumination`` of an enhancer."""
        batch = super().names(height, width, pictures)
        illumination = (batch["low"].amax(1, keepdim=True) * 0.8 + 0.15).clamp(0, 1)
        return {**batch, "enhanced": (batch["low"] / illumination).clamp(0, 1), "illumination": illumination}

    def value(self, loss: nn.Module, names: Mapping[str, Any], bank: HeadBank | None = None) -> Tensor:
        """The loss as a step of training computes it; gradients stay with the tensors in ``names``."""
        if self.random:
            torch.manual_seed(0)
        bank = self.bank() if bank is None else bank
        return loss(**reads(loss.forward).pick({**names, **bank.bind(names)}))

    def outcome(self, made: nn.Module, names: Mapping[str, Any], send: Send = stay) -> Tensor:
        """The loss, with heads on the device that ``send`` moves to."""
        return self.value(made, names, self.bank(send))

    def elsewhere(self, made: nn.Module, send: Send) -> Tensor:
        """The loss on the device that ``send`` moves to; gradients are taken there too."""
        names = send(self._leaves(self.names()))
        value = self.outcome(made, names, send)
        if value.requires_grad:
            self._gradients(value, names)
        return value

    def check_size(self, names: Mapping[str, Any], where: str) -> None:
        """Value and gradients are finite at this size."""
        names = self._leaves(names)
        value = self.value(self.build(), names)
        self._check_value(value, where)
        self._check_gradients(value, names, where)

    def _leaves(self, names: Mapping[str, Any]) -> dict[str, Any]:
        """The names with gradients switched on for what an enhancer gives and the loss reads."""
        wanted = [name for name in self.trained if name in self.read().all and name in names]
        return {**names, **{name: names[name].detach().clone().requires_grad_() for name in wanted}}

    def _gradients(self, value: Tensor, names: Mapping[str, Any]) -> dict[str, Tensor | None]:
        leaves = {k: v for k, v in names.items() if isinstance(v, Tensor) and v.requires_grad}
        return dict(zip(leaves, torch.autograd.grad(value, list(leaves.values()), allow_unused=True), strict=True))

    def _check_value(self, value: Any, where: str) -> None:
        rule = f"{where} it returns {kind_of(value)}, not a single number"
        cure = "return the mean over pictures and pixels as one tensor"
        self.require(isinstance(value, Tensor) and value.numel() == 1, rule, cure)
        cure = "keep divisors, logarithms and roots away from zero, with an eps inside"
        self.require(value.is_floating_point() and bool(value.isfinite()), f"{where} it returns {value.item()}", cure)

    def _check_gradients(self, value: Tensor, names: Mapping[str, Any], where: str) -> dict[str, Tensor | None]:
        if not value.requires_grad:  # the check of gradients reports that
            return {}
        gradients = self._gradients(value, names)
        self.require_finite(gradients, f"{where} its gradient with respect to ", STEEP)
        return gradients

    def test_returns_one_finite_number(self) -> None:
        """One finite floating-point number, with all names and with the required ones alone."""
        loss, names = self.build(), self._leaves(self.names())
        self._check_value(self.value(loss, names), "for rendered faces")
        required, cure = self.read().required, "make it required, or do without it when it is missing"
        with self.holding("it needs an argument that has a default", cure):
            offered = {**names, **self.bank().bind(names)}
            if self.random:
                torch.manual_seed(0)
            self._check_value(loss(**{name: offered[name] for name in required}), "without its optional inputs")

    def test_gradients_reach_the_picture(self) -> None:
        """The value carries a gradient to an output of the enhancer, finite everywhere and not all zero."""
        names = self._leaves(self.names())
        leaves = [name for name in self.trained if name in self.read().all]
        rule = f"it reads no output of the enhancer ({', '.join(self.trained)}), so it trains nothing"
        self.require(leaves, rule, "read one, or name the outputs it reads in trained")
        value = self.value(self.build(), names)
        cure = "take detach(), no_grad(), item() and rounding off the way from the enhanced picture to the result"
        self.require(value.requires_grad, "its value carries no gradient", cure)
        gradients = self._check_gradients(value, names, "for rendered faces")
        reached = [g for g in gradients.values() if g is not None and bool((g != 0).any())]
        self.require(reached, f"no gradient reaches {' or '.join(leaves)}", cure)

    def test_black_white_and_equal_pictures(self) -> None:
        """Value and gradient stay finite where an enhanced picture is black, white, or the same as every other."""
        pictures = ("low", "normal", "positive", "negative", "enhanced")
        plain = self.names()
        for what, filled in (("black", 0.0), ("white", 1.0), ("equal", None)):
            names = dict(plain)
            for name in pictures if filled is None else ("enhanced",):
                if name in names:
                    names[name] = plain["normal"].clone() if filled is None else torch.full_like(plain[name], filled)
            self.check_size(names, f"for {what} pictures")

    def test_does_not_grow_with_the_batch(self) -> None:
        """A batch given twice costs the same; and a batch costs the mean of its pictures (``batch_independent``)."""
        loss, names, total = self.build(), self.names(), 4
        whole = self.value(loss, names)
        twice = {k: torch.cat([v, v]) if isinstance(v, Tensor) else [*v, *v] for k, v in names.items()}
        rule = "a batch given twice costs something else"
        cure = "take the mean over pictures, not the sum, so that weights hold for any batch size"
        self.require_same(whole, self.value(loss, twice), rule, cure, self.tolerance)
        if self.batch_independent and not self.random:
            single = [self.value(loss, row(names, k, total)) for k in range(total)]
            mean = torch.stack([v.reshape(whole.shape) for v in single]).mean(0)
            cure = "treat each picture alone, or set batch_independent = False if comparing them is meant"
            self.require_same(whole, mean, "a batch does not cost the mean of its pictures", cure, self.tolerance)

    def test_heads_stay_frozen(self) -> None:
        """After a step the heads have the numbers they had, no gradients, and are no part of the loss."""
        loss, bank, names = self.build(), self.bank(), self._leaves(self.names())
        keys = set(loss.state_dict())
        before = {key: copied(head.state_dict()) for key, head in bank.heads.items()}
        value = self.value(loss, names, bank)
        if value.requires_grad:
            value.backward()
        for key, head in bank.heads.items():
            loose = head.training or any(p.requires_grad or p.grad is not None for p in head.parameters())
            same = not difference(before[key], copied(head.state_dict()))
            cure = "only call heads; what is to be trained belongs in the loss's own parameters"
            self.require(same and not loose, f"it unfreezes or changes the head {key!r}", cure)
        cure = "do not keep heads, which the core owns, as attributes"
        self.require(set(loss.state_dict()) == keys, "calling it adds to its state_dict()", cure)

    def test_logged_numbers_are_plain(self) -> None:
        """``self.logged``, where there is one, holds numbers by text, plain or as detached tensors of one element."""
        loss = self.build()
        self.value(loss, self._leaves(self.names()))
        for key, number in getattr(loss, "logged", {}).items():
            plain = isinstance(number, (int, float))
            detached = isinstance(number, Tensor) and number.numel() == 1 and not number.requires_grad
            cure = "log value.detach(), one number, or the graph of the step stays in memory"
            self.require(isinstance(key, str) and (plain or detached), f"logged[{key!r}] is {kind_of(number)}", cure)
