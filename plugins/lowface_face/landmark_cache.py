"""Remembers where faces were found, so that a picture that returns each epoch is searched once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor

#: Entries kept; an entry takes some hundred bytes.
MOST = 65536
#: Samples per side of a picture's fingerprint.
SAMPLES = 12


class LandmarkCache:
    """Least recently used cache of one value per picture.

    A picture is known by its key, its size and a few of its pixels, so that a random crop or a mirrored picture under
    the same key is not mistaken for the one seen before.
    """

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._entries: OrderedDict[tuple[object, ...], Tensor] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def names(self, image: Tensor, keys: Sequence[str] | None) -> list[tuple[object, ...]]:
        """What each picture of ``image`` (B,3,H,W) is known by."""
        height, width = image.shape[-2:]
        sample = image[:, :, height // (2 * SAMPLES) :: max(height // SAMPLES, 1), :: max(width // SAMPLES, 1)]
        sample = sample.detach().float().cpu().contiguous()
        return [
            (keys[index] if keys is not None else None, height, width, part.numpy().tobytes())
            for index, part in enumerate(sample)
        ]

    def get(self, name: tuple[object, ...]) -> Tensor | None:
        """The value kept under ``name``, or None."""
        value = self._entries.get(name)
        if value is not None:
            self._entries.move_to_end(name)
        return value

    def put(self, name: tuple[object, ...], value: Tensor) -> None:
        """Keeps a value and forgets the one unused for longest when full."""
        self._entries[name] = value
        self._entries.move_to_end(name)
        if len(self._entries) > self.most:
            self._entries.popitem(last=False)
