"""The dataset contract: a length, the names of an item, and an item drawn with a given random generator."""

from __future__ import annotations

import abc
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lowface_core.data.keyed_rng import keyed_rng
from lowface_core.data.objects import Objects


class Dataset(abc.ABC):
    """A set of samples, each a dict in the names of the training step (``docs/architecture.md``, section 2).

    Randomness comes only from the generator that :meth:`item` is handed, so a sample is the same with any number of
    workers and after a resume: the trainer seeds it from the run's seed and the sample's position in the run, an
    evaluation from the sample's index alone.

    A subclass sets :attr:`names` and implements ``__len__`` and :meth:`item`; one with identities also sets
    :attr:`identities` and overrides :meth:`gallery`.
    """

    #: Names every item carries, e.g. ``("low", "normal", "key")``. A name that is not here cannot be read by a loss.
    names: Sequence[str] = ()
    #: Identity names; an item's ``identity`` (int64) is an index into this list. Empty when there are none.
    identities: Sequence[str] = ()

    @abc.abstractmethod
    def __len__(self) -> int:
        """Number of samples."""

    @abc.abstractmethod
    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """One sample.

        Args:
            index: 0 ≤ index < ``len(self)``.
            rng: the only source of randomness (darkening ratio, contrast pictures, augmentation).

        Returns:
            dict with the keys of :attr:`names`, without a batch dimension: pictures float32 (3,H,W) in [0,1], RGB;
            ``labels`` int64 (H,W); ``identity`` int; ``box`` float32 (4,) xyxy pixels; ``landmarks`` float32 (5,2) xy
            pixels (image-left eye, image-right eye, nose, image-left and image-right mouth corner); ``key`` str.

        Raises:
            DataError: a file is unreadable or inconsistent; the message names it.
        """

    def draw(self, index: int, rng: np.random.Generator, position: int) -> dict[str, Any]:
        """The sample that training asks for: :meth:`item`, unless a subclass needs to know where in the run it is.

        Args:
            index, rng: see :meth:`item`.
            position: number of the sample in the whole run, over all passes and processes, from 0. A data set that
                draws without replacement finds its place by it, with any number of workers and after a resume.
        """
        return self.item(index, rng)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """The sample an evaluation sees: :meth:`item` with a generator seeded by the index alone."""
        if not 0 <= index < len(self):
            raise IndexError(f"sample {index} of {len(self)}")
        return self.item(index, keyed_rng(0, index))

    def facts(self, index: int) -> dict[str, Any]:
        """What is known of a sample beside its pictures: ``key`` and, where there are identities, ``identity``.

        Where a data set's protocol says which pictures are searched for among which, ``role`` is ``probe`` or
        ``gallery``.

        By default the sample is read for it; a data set that knows without reading overrides this.
        """
        item = self[index]
        return {name: item[name] for name in ("key", "identity") if name in item}

    def objects(self, index: int) -> Objects | None:
        """The objects of a sample in the pixels of its picture; None where the data set does not know them."""
        return None

    def gallery(self) -> Iterator[dict[str, Any]]:
        """One normal-light picture per identity, in the order of :attr:`identities`.

        Yields dicts with ``normal``, ``identity``, ``key`` and, where known, ``box``, ``landmarks``; none by default.
        """
        return iter(())

    def fingerprint(self) -> str:
        """A short text that changes when the data change, for a run's manifest; class name and length by default."""
        return f"{type(self).__name__}:{len(self)}"
