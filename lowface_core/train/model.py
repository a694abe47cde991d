"""What mmengine trains: an enhancer with its weighted losses, or a pretraining task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from mmengine.model import BaseModel
from torch import Tensor, nn

from lowface_core.errors import LowfaceError, listing
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.run_enhancer import kind_of, run_enhancer
from lowface_core.step.wiring import Reads, reads


class NonFiniteLossError(LowfaceError):
    """A loss became infinite or not a number."""


class WeightedModel(BaseModel):
    """Shared base: sums weighted terms and stops at the first that is not finite.

    Args:
        weights: weight of each term by name; a term that is not listed counts once.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        super().__init__()
        self.term_weights = dict(weights)

    def parse_losses(self, losses: dict[str, Any]) -> tuple[Tensor, dict[str, Any]]:
        """Terms → (weighted total, what is logged: ``loss/<name>`` unweighted, ``loss/total``, extra numbers).

        Raises:
            NonFiniteLossError: the total is not finite; names the losses at fault and the batch's keys.
        """
        terms: dict[str, Tensor] = losses["terms"]
        total = torch.stack([self.term_weights.get(name, 1.0) * term for name, term in terms.items()]).sum()
        if not torch.isfinite(total):
            bad = [name for name, term in terms.items() if not torch.isfinite(term)] or list(terms)
            raise NonFiniteLossError(f"loss {', '.join(bad)} is not finite for the batch {listing(losses['keys'])}")
        log = {f"loss/{name}": term.detach() for name, term in terms.items()}
        return total, {**log, "loss/total": total.detach(), **losses["logged"]}

    def forward(self, mode: str = "loss", **batch: Any) -> dict[str, Any]:
        """One step over a batch of this process; ``mode`` is mmengine's and always ``loss`` here."""
        raise NotImplementedError


class EnhancementModel(WeightedModel):
    """The enhancer under training. Losses and heads are kept outside the module tree, so only the enhancer is saved.

    Args:
        enhancer: forward(low) → dict with ``enhanced``, or the enhanced picture alone.
        losses: modules by config name.
        weights: weight of each loss.
        bank: the frozen heads, prepared for the training data.
        wants: what each loss reads; by default what the arguments of its ``forward`` are called after.
    """

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

    def forward(self, mode: str = "loss", **batch: Any) -> dict[str, Any]:
        """Terms of one step, unweighted, with the extra numbers that losses log."""
        names = {**batch, **run_enhancer(self.enhancer, batch["low"])}
        names.update(self.bank.bind(names))
        terms, logged = {}, {}
        for name, loss in self.losses.items():
            terms[name] = loss(**self.wants[name].pick(names))
            if not isinstance(terms[name], Tensor) or terms[name].numel() != 1:
                raise LowfaceError(f"losses.{name}: must return one number, not {kind_of(terms[name])}")
            terms[name] = terms[name].reshape(()).float()
            logged.update({f"{name}/{k}": v for k, v in getattr(loss, "logged", {}).items()})
        return {"terms": terms, "logged": logged, "keys": batch.get("key", [])}


class TaskModel(WeightedModel):
    """A pretraining task: its own network, its own losses."""

    def __init__(self, task: nn.Module) -> None:
        super().__init__({})
        self.task: Any = task

    def forward(self, mode: str = "loss", **batch: Any) -> dict[str, Any]:
        """Terms that the task computes for the batch."""
        terms = {k: v.reshape(()).float() for k, v in self.task.loss(batch).items()}
        return {"terms": terms, "logged": {}, "keys": batch.get("key", [])}
