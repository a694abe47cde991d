"""What is trained: an enhancer with its weighted losses, or a pretraining task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from lowface_core.errors import LowfaceError
from lowface_core.registry.owner import owned
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.run_enhancer import kind_of, run_enhancer
from lowface_core.step.wiring import Reads, reads
from lowface_core.train.turns import Phase


class Step(NamedTuple):
    """What one batch costs.

    Attributes:
        terms: each loss by name, unweighted scalars.
        logged: extra numbers for the log.
    """

    terms: dict[str, Tensor]
    logged: dict[str, Any]


class WeightedModel(nn.Module):
    """Shared base: ``forward(**batch)`` gives a :class:`Step`, whose terms have weights.

    Args:
        weights: weight of each term by name; a term that is not listed counts once.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        super().__init__()
        self.term_weights = dict(weights)

    def weighted(self, terms: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The terms times their weights."""
        return {name: self.term_weights.get(name, 1.0) * term for name, term in terms.items()}

    def total(self, terms: Mapping[str, Tensor]) -> Tensor:
        """The number that training makes small."""
        return torch.stack(list(self.weighted(terms).values())).sum()

    def take_turn(self, phase: Phase) -> None:
        """Makes ready for an iteration in which ``phase.train`` learns; it is in training mode from then on."""
        self.train()

    def learning(self, phase: Phase) -> list[nn.Parameter]:
        """The parameters that a phase updates."""
        return [p for p in self.parameters() if p.requires_grad]

    def learners(self) -> dict[str, nn.Module]:
        """Heads that learn, too, by config key."""
        return {}

    def changing(self) -> list[nn.Parameter]:
        """All parameters that may have changed since training began."""
        return list(self.parameters())

    def output_is_finite(self, batch: Mapping[str, Any]) -> bool:
        """Whether the network can still be used: its weights are finite, and so is what it makes of a batch."""
        return all(bool(p.isfinite().all()) for p in self.changing())


def terms_of(losses: Mapping[str, nn.Module], wants: Mapping[str, Reads], names: Mapping[str, Any]) -> Step:
    """Every loss on what it reads of a step's names.

    Raises:
        LowfaceError: a loss, or what it logs, is not one number.
    """
    terms, logged = {}, {}
    for name, loss in losses.items():
        wanted = wants[name].pick(names)
        with owned(loss, f"losses.{name}", wanted):
            terms[name] = loss(**wanted)
        if not isinstance(terms[name], Tensor) or terms[name].numel() != 1:
            raise LowfaceError(f"losses.{name}: must return one number, not {kind_of(terms[name])}")
        terms[name] = terms[name].reshape(()).float()
        for key, number in getattr(loss, "logged", {}).items():
            if isinstance(number, Tensor) and number.numel() != 1:
                raise LowfaceError(f"losses.{name}: logged[{key!r}] must be one number, not {kind_of(number)}")
            logged[f"{name}/{key}"] = number.detach().reshape(()) if isinstance(number, Tensor) else number
    return Step(terms, logged)


class EnhancementModel(WeightedModel):
    """The enhancer under training. Losses and heads are kept outside the module tree, so only the enhancer is saved.

    Args:
        enhancer: forward(low) → dict with ``enhanced``, or the enhanced picture alone.
        losses: modules by config name.
        weights: weight of each loss.
        bank: the heads, prepared for the training data; frozen, but for those whose turn it is.
        wants: what each loss reads; by default what the arguments of its ``forward`` are called after.
    """

    losses: dict[str, nn.Module]
    bank: HeadBank
    wants: dict[str, Reads]
    phase: Phase

    def __init__(
        self,
        enhancer: nn.Module,
        losses: Mapping[str, nn.Module],
        weights: Mapping[str, float],
        bank: HeadBank,
        wants: Mapping[str, Reads] | None = None,
    ) -> None:
        super().__init__(weights)
        self.enhancer = enhancer
        self.__dict__["losses"] = dict(losses)  # past nn.Module's bookkeeping, on purpose
        self.__dict__["bank"] = bank
        self.__dict__["wants"] = wants or {name: reads(loss.forward) for name, loss in losses.items()}
        self.phase = Phase()

    def take_turn(self, phase: Phase) -> None:
        """One learns; the enhancer, where it is not the one, is in eval mode and runs without gradients."""
        super().take_turn(phase)
        self.phase = phase
        self.enhancer.train(phase.head is None)
        self.bank.let_learn(phase.head)

    def learning(self, phase: Phase) -> list[nn.Parameter]:
        return super().learning(phase) if phase.head is None else self.bank.learnable[phase.head]

    def learners(self) -> dict[str, nn.Module]:
        return {key: self.bank.heads[key] for key in self.bank.learnable}

    def changing(self) -> list[nn.Parameter]:
        return [*self.parameters(), *(p for each in self.bank.learnable.values() for p in each)]

    def _recorded(self) -> torch.set_grad_enabled:
        return torch.set_grad_enabled(torch.is_grad_enabled() and self.phase.head is None)

    def forward(self, **batch: Any) -> Step:
        """Terms of one step, unweighted, with the extra numbers that losses log."""
        with self._recorded(), owned(self.enhancer, "enhancer", {"low": batch["low"]}):
            names = {**batch, "enhance": self.enhance, **run_enhancer(self.enhancer, batch["low"])}
        names.update(self.bank.bind(names))
        counting = self.losses if self.phase.losses is None else {k: self.losses[k] for k in self.phase.losses}
        return terms_of(counting, self.wants, names)

    def enhance(self, picture: Tensor) -> Tensor:
        """What the enhancer makes of another picture (B,3,h,w), such as a part of the dark one."""
        with self._recorded():
            enhanced: Tensor = run_enhancer(self.enhancer, picture)["enhanced"]
        return enhanced

    @torch.no_grad()
    def output_is_finite(self, batch: Mapping[str, Any]) -> bool:
        """Whether weights and every output are finite; the enhancer is left in eval mode."""
        outputs = run_enhancer(self.enhancer.eval(), batch["low"]).values()
        finite = all(bool(value.isfinite().all()) for value in outputs if isinstance(value, Tensor))
        return finite and super().output_is_finite(batch)


class TaskModel(WeightedModel):
    """A pretraining task: its own network, its own losses."""

    def __init__(self, task: nn.Module) -> None:
        super().__init__({})
        self.task: Any = task

    def forward(self, **batch: Any) -> Step:
        """Terms that the task computes for the batch."""
        with owned(self.task, "task"):
            return Step({k: v.reshape(()).float() for k, v in self.task.loss(batch).items()}, {})
