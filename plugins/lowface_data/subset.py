"""Some of another data set's samples."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.data.dataset import Dataset
from lowface_core.data.keyed_rng import keyed_rng
from lowface_core.data.normal_form import normal_form
from lowface_core.data.objects import Objects
from lowface_core.errors import ConfigError, DataError, nearest
from lowface_core.files import read_text
from lowface_core.registry.bounds import Count, Natural, PositiveShare


class Subset(Dataset):
    """Some samples of another data set, in its order; of its people those that remain.

    Exactly one of ``count``, ``fraction`` and ``keys`` says which.

    Args:
        dataset: the data set inside.
        count: how many, drawn without repetition.
        fraction: which share, drawn likewise; at least one sample.
        keys: text file of keys, one a line.
        seed: of the draw. Whatever order the files are in, the same keys and seed give the same samples.
        people: draw people instead of samples, each with everything there is of them.

    Raises:
        ConfigError: none or several of the three, or ``people`` of a data set without identities or with ``keys``.
        DataError: there are fewer than ``count``, or the file cannot be read or names a key that is not there.
    """

    def __init__(
        self,
        dataset: Dataset,
        count: Count | None = None,
        fraction: PositiveShare | None = None,
        keys: str | Path | None = None,
        seed: Natural = 0,
        people: bool = False,
    ) -> None:
        if sum(one is not None for one in (count, fraction, keys)) != 1:
            raise ConfigError("subset: give one of count, fraction and keys")
        if people and ("identity" not in dataset.names or keys is not None):
            raise ConfigError("subset: people=True draws people, by count or fraction, from a data set with identities")
        self.dataset, self.names = dataset, dataset.names
        facts = [dataset.facts(index) for index in range(len(dataset))]
        if keys is not None:
            chosen = _listed(Path(keys).expanduser(), [normal_form(fact["key"]) for fact in facts])
        else:
            units = [str(dataset.identities[fact["identity"]] if people else fact["key"]) for fact in facts]
            every = sorted(set(units))
            wanted = count if count is not None else max(1, round((fraction or 0) * len(every)))
            if wanted > len(every):
                what = "people" if people else "samples"
                raise DataError(f"subset: {wanted} {what} are asked for, and there are {len(every)}")
            drawn = {every[place] for place in keyed_rng(4, seed).permutation(len(every))[:wanted]}
            chosen = [index for index, unit in enumerate(units) if unit in drawn]
        #: Numbers of the samples in the data set inside.
        self.indices = chosen
        remaining = sorted({facts[index]["identity"] for index in chosen}) if "identity" in self.names else []
        self.identities = tuple(dataset.identities[person] for person in remaining)
        self._person = {person: place for place, person in enumerate(remaining)}
        digest = hashlib.sha256("\n".join(facts[index]["key"] for index in chosen).encode()).hexdigest()
        self._fingerprint = f"Subset:{len(chosen)}:{digest[:16]}"

    def __len__(self) -> int:
        return len(self.indices)

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """The sample inside."""
        return self._renumbered(self.dataset.item(self.indices[index], rng))

    def draw(self, index: int, rng: np.random.Generator, position: int) -> dict[str, Any]:
        """The sample inside, see :meth:`lowface_core.data.dataset.Dataset.draw`."""
        return self._renumbered(self.dataset.draw(self.indices[index], rng, position))

    def facts(self, index: int) -> dict[str, Any]:
        return self._renumbered(self.dataset.facts(self.indices[index]))

    def objects(self, index: int) -> Objects | None:
        return self.dataset.objects(self.indices[index])

    def gallery(self) -> Iterator[dict[str, Any]]:
        """The gallery pictures inside, of the people that remain."""
        for sample in self.dataset.gallery():
            if sample["identity"] in self._person:
                yield self._renumbered(sample)

    def fingerprint(self) -> str:
        return f"{self._fingerprint}:[{self.dataset.fingerprint()}]"

    def _renumbered(self, sample: dict[str, Any]) -> dict[str, Any]:
        if "identity" not in sample or "identity" not in self.names:
            return sample
        return {**sample, "identity": self._person[int(sample["identity"])]}


def _listed(path: Path, keys: list[str]) -> list[int]:
    """Numbers of the keys that a file lists, in the order of ``keys``."""
    try:
        lines = [line.strip() for line in read_text(path, "utf-8-sig").splitlines()]
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise DataError(f"{path}: cannot be read as a list of keys ({reason})") from error
    wanted = {normal_form(line): number for number, line in enumerate(lines, 1) if line}
    known = set(keys)
    for key, number in wanted.items():
        if key not in known:
            raise DataError(f"{path}, line {number}: there is no key {key!r}{nearest(key, known)}")
    if not wanted:
        raise DataError(f"{path}: lists no keys")
    return [index for index, key in enumerate(keys) if key in wanted]
