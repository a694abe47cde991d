"""The losses of a config, with their frozen heads, in a training loop of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from lowface_core.config.build import build_from
from lowface_core.errors import ConfigError, LowfaceError
from lowface_core.registry.components import RESERVED
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.wiring import check_wiring, reads
from lowface_core.train.model import Step, terms_of


class Criterion:
    """Weighted losses that read tensors by name: ``criterion(enhanced=…, normal=…)`` is the number to minimise.

    Heads are frozen, run once a call however many losses ask them, and move with the losses to the device of what they
    are given. Not an ``nn.Module``, so that nothing of it becomes part of the model that holds it or of its checkpoint.

    Args:
        losses: as in a config, ``dict(identity=dict(type="identity", weight=0.05))``; ``weight`` is 1 by default,
            ``reads`` redirects.
        heads: as in a config.
        dataset: what heads are prepared for that must know all pictures (a face gallery); None: they are not prepared.

    Raises:
        LowfaceError: a component, a keyword, or weights will not do.

    Attributes:
        terms: each loss of the last call by name, unweighted and without gradient.
    """

    def __init__(
        self,
        losses: Mapping[str, Mapping[str, Any]],
        heads: Mapping[str, Mapping[str, Any]] | None = None,
        dataset: Any = None,
    ) -> None:
        if not losses:
            raise ConfigError("losses: none is given, so there is nothing to minimise")
        self.losses: dict[str, nn.Module] = {
            key: build_from("loss", spec, f"losses.{key}", RESERVED["loss"]) for key, spec in losses.items()
        }
        self.weights = {key: float(spec.get("weight", 1.0)) for key, spec in losses.items()}
        self._reads = {
            key: reads(loss.forward, losses[key].get("reads"), f"losses.{key}") for key, loss in self.losses.items()
        }
        self._heads = {key: build_from("head", spec, f"heads.{key}") for key, spec in (heads or {}).items()}
        self._dataset, self._checked = dataset, frozenset[str]()
        self._bank: HeadBank | None = None
        self.terms: dict[str, Tensor] = {}

    def __call__(self, **names: Any) -> Tensor:
        """The weighted sum.

        Args:
            **names: what the losses read, by the names of a training step: ``low``, ``enhanced``, ``normal``,
                ``positive``, ``negative``: float (B,3,H,W), RGB in [0,1]; ``labels``, ``identity``, ``landmarks``, …;
                and any other output of the enhancer.

        Raises:
            ConfigError: a loss or head reads a name that is not given.
            LowfaceError: a loss does not return one number.
        """
        bank = self._bank_on(names)
        if self._checked != frozenset(names):
            readers = {f"losses.{key}": what for key, what in self._reads.items()}
            check_wiring(readers, "the call", names, (), self._heads)
            self._checked = frozenset(names)
        step: Step = terms_of(self.losses, self._reads, {**names, **bank.bind(names)})
        self.terms = {key: term.detach() for key, term in step.terms.items()}
        return torch.stack([self.weights[key] * term for key, term in step.terms.items()]).sum()

    def _bank_on(self, names: Mapping[str, Any]) -> HeadBank:
        """The heads on the device of the tensors, prepared once a device."""
        places = {value.device for value in names.values() if isinstance(value, Tensor)}
        if len(places) != 1:
            found = ", ".join(sorted(map(str, places))) or "no tensors"
            raise LowfaceError(f"all tensors of one call lie on one device; these are on: {found}")
        (place,) = places
        if self._bank is None or self._bank.device != place:
            bank = HeadBank(self._heads, place)
            wanted = {name for what in self._reads.values() for name in what.all}
            self._bank = bank if self._dataset is None else bank.prepared_for(self._dataset, wanted)
            for loss in self.losses.values():
                loss.to(place)
        return self._bank
