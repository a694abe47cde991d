"""Several data sets as one."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lowface_core.data.dataset import Dataset
from lowface_core.data.objects import Objects
from lowface_core.errors import ConfigError
from lowface_core.registry.bounds import Positive

logger = logging.getLogger("lowface")


class Concat(Dataset):
    """The samples of several data sets, one after the other.

    Items carry the names that every part supplies; a log line says which names are left out, and whose lack it is. A
    person of one part is never one of another: identities and keys are told apart by the number of the part, as in
    ``0.ann`` and ``1.ann``.

    Args:
        datasets: the parts, at least one.
        shares: in training, how often each part is drawn from, relative to the others: a part is drawn for every
            sample, and a sample of it. Without them every sample comes once in a pass, so that a part is drawn from as
            often as it has samples. Reading by number, as an evaluation does, is not affected.

    Raises:
        ConfigError: there is no part, the number of shares is another, or the parts have no name in common.
    """

    def __init__(self, datasets: Sequence[Dataset], shares: Sequence[Positive] | None = None) -> None:
        self.parts = list(datasets)
        if not self.parts:
            raise ConfigError("concat: datasets is empty; give at least one")
        if shares is not None and len(shares) != len(self.parts):
            raise ConfigError(f"concat: {len(shares)} shares for {len(self.parts)} datasets; give one each")
        self.shares = None if shares is None else np.array(shares, float) / sum(shares)
        self.names = tuple(name for name in self.parts[0].names if all(name in part.names for part in self.parts))
        if not set(self.names) - {"key"}:
            every = "; ".join(f"{place}: {', '.join(part.names)}" for place, part in enumerate(self.parts))
            raise ConfigError(f"concat: the datasets have no name in common ({every})")
        self._tell_left_out()
        self.starts = np.cumsum([0, *(len(part) for part in self.parts)])
        people = [part.identities for part in self.parts] if "identity" in self.names else []
        self.people = np.cumsum([0, *map(len, people)])
        self.identities = [f"{place}.{name}" for place, names in enumerate(people) for name in names]

    def __len__(self) -> int:
        """The parts' samples together."""
        return int(self.starts[-1])

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """The sample of that number."""
        place, inner = self._place(index)
        return self._named(place, self.parts[place].item(inner, rng))

    def draw(self, index: int, rng: np.random.Generator, position: int) -> dict[str, Any]:
        """A sample for training: that of the number, or with ``shares`` one that ``rng`` draws."""
        if self.shares is None:
            place, inner = self._place(index)
        else:
            place = int(rng.choice(len(self.parts), p=self.shares))
            inner = int(rng.integers(len(self.parts[place])))
        return self._named(place, self.parts[place].draw(inner, rng, position))

    def facts(self, index: int) -> dict[str, Any]:
        place, inner = self._place(index)
        facts = self.parts[place].facts(inner)
        role = {"role": facts["role"]} if "role" in facts else {}
        return {**self._named(place, facts), **role}

    def objects(self, index: int) -> Objects | None:
        place, inner = self._place(index)
        return self.parts[place].objects(inner)

    def gallery(self) -> Iterator[dict[str, Any]]:
        """The parts' galleries, one after the other."""
        if "identity" in self.names:
            for place, part in enumerate(self.parts):
                for sample in part.gallery():
                    yield self._renumbered(place, sample)

    def fingerprint(self) -> str:
        shares = None if self.shares is None else [round(float(share), 6) for share in self.shares]
        return f"Concat:shares={shares}:[{'; '.join(part.fingerprint() for part in self.parts)}]"

    def _place(self, index: int) -> tuple[int, int]:
        place = int(np.searchsorted(self.starts, index, side="right")) - 1
        return place, index - int(self.starts[place])

    def _named(self, place: int, sample: dict[str, Any]) -> dict[str, Any]:
        return self._renumbered(place, {name: value for name, value in sample.items() if name in self.names})

    def _renumbered(self, place: int, sample: dict[str, Any]) -> dict[str, Any]:
        changed = dict(sample)
        if "key" in sample:
            changed["key"] = f"{place}.{sample['key']}"
        if "identity" in sample:
            changed["identity"] = int(sample["identity"]) + int(self.people[place])
        return changed

    def _tell_left_out(self) -> None:
        everything = dict.fromkeys(name for part in self.parts for name in part.names)
        for name in everything:
            if name not in self.names:
                lacking = ", ".join(str(place) for place, part in enumerate(self.parts) if name not in part.names)
                logger.warning("concat: %s is left out, because dataset %s does not supply it", name, lacking)
