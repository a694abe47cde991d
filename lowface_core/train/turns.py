"""Phases of training: who learns in which iteration, as a function of the iteration alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lowface_core.config.phases import ENHANCER, HEADS
from lowface_core.config.settings import PHASES


@dataclass(frozen=True)
class Phase:
    """One phase of a cycle.

    Attributes:
        train: ``enhancer`` or ``heads.NAME``.
        iters: iterations of one turn.
        losses: names of those that count; None: all.
        lr: Adam's rate; None: the config's.
        name: for the log; None where training has no phases.
    """

    train: str = ENHANCER
    iters: int = 1
    losses: tuple[str, ...] | None = None
    lr: float | None = None
    name: str | None = None

    @property
    def head(self) -> str | None:
        """The config key of the head that learns; None: the enhancer does."""
        return self.train.removeprefix(HEADS) if self.train.startswith(HEADS) else None


class Turns:
    """Phases one after the other, and then from the first again: nothing to keep but the iteration.

    Args:
        phases: one cycle; None: the enhancer learns all the time, by all losses.
    """

    def __init__(self, phases: Sequence[Phase] | None = None) -> None:
        self.phases = tuple(phases or [Phase()])
        self._cycle = [place for place, phase in enumerate(self.phases) for _ in range(phase.iters)]

    @classmethod
    def of(cls, cfg: Mapping[str, Any]) -> Turns:
        """Those of a checked config; where several train the same, a log tells them apart by their places."""
        specs = cfg.get(PHASES)
        if not specs:
            return cls()
        who = [spec["train"] for spec in specs]
        return cls(
            [
                Phase(
                    spec["train"],
                    spec["iters"],
                    None if spec.get("losses") is None else tuple(spec["losses"]),
                    spec.get("lr"),
                    spec["train"] if who.count(spec["train"]) == 1 else f"{spec['train']}[{place}]",
                )
                for place, spec in enumerate(specs)
            ]
        )

    @property
    def taken(self) -> bool:
        """Whether a config says who learns when."""
        return self.phases[0].name is not None

    @property
    def heads(self) -> tuple[str, ...]:
        """Config keys of the heads that learn."""
        return tuple(dict.fromkeys(phase.head for phase in self.phases if phase.head is not None))

    def at(self, iteration: int) -> int:
        """Place of the phase to which the iteration belongs that follows ``iteration`` others."""
        return self._cycle[iteration % len(self._cycle)]

    def done(self, place: int, iteration: int) -> int:
        """How many of the first ``iteration`` iterations were of the phase at a place."""
        cycles, rest = divmod(iteration, len(self._cycle))
        return cycles * self.phases[place].iters + self._cycle[:rest].count(place)
