"""What ``lowface enhance`` does with each picture: read, enhance, write; in this process or in those of a cluster."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lowface_core.cli.enhance_plan import LOSSY
from lowface_core.errors import DataError, NonFiniteError
from lowface_core.files import write_whole
from lowface_core.staged import staged

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

    from lowface_core.data.images import Picture
    from lowface_core.step.array_enhancer import ArrayEnhancer

Pair = tuple[Path, Path]


class Row(NamedTuple):
    """A line of ``--report``; ``action`` is ``enhanced`` or ``copied``, brightness lies in [0,1]."""

    picture: str
    output: str
    action: str
    brightness_before: float
    brightness_after: float


@dataclass
class Held:
    """A picture that was read, and its brightness."""

    picture: Picture
    before: float


class Enhancing(NamedTuple):
    """The three steps of a picture.

    Attributes:
        network: the enhancer.
        level: brighter pictures are copied.
        options: how lossy formats are written.
        max_pixels: pictures of more are refused.
    """

    network: nn.Module | ArrayEnhancer
    level: float | None
    options: dict[str, Any]
    max_pixels: int | None = None

    def read(self, pair: Pair) -> Held:
        """The picture and its brightness."""
        from lowface_core.data.images import read_picture

        picture = read_picture(pair[0], max_pixels=self.max_pixels)
        return Held(picture, picture.brightness(picture.pixels))

    def work(self, pair: Pair, held: Held) -> np.ndarray | None:
        """Its enhanced pixels, at their own depth; None of one that is bright enough."""
        from lowface_core.step.array_enhancer import ArrayEnhancer

        if self.level is not None and held.before > self.level:
            return None
        if isinstance(self.network, ArrayEnhancer):
            result = self.network.pixels(held.picture.pixels, str(pair[0]))
        else:
            from lowface_core.inference import enhance_pixels

            result = enhance_pixels(held.picture.pixels, self.network, str(pair[0]))
        held.picture = held.picture.for_storing()  # encoding takes as much memory again
        return result

    def write(self, pair: Pair, held: Held, result: np.ndarray | None) -> Row:
        """Its file: a bright one is copied byte for byte, or, into another format, with the same pixels."""
        from lowface_core.data.images import write_picture

        (path, target), picture, before = pair, held.picture, held.before
        if result is None and path.suffix.lower() == target.suffix.lower():
            write_whole(target, lambda part: shutil.copyfile(path, part), DataError)
        else:
            options = self.options if target.suffix.lower() in LOSSY else None
            write_picture(target, picture.pixels if result is None else result, picture, options)
        after = before if result is None else picture.brightness(result)
        action = "copied" if result is None else "enhanced"
        return Row(str(path), str(target), action, round(before, 6), round(after, 6))

    def each(self, pairs: Sequence[Pair]) -> Iterator[Row | str]:
        """The row of each pair in turn, or what is wrong with the picture, in one line."""
        for (picture, _), row, error in staged(pairs, self.read, self.work, self.write, _size):
            yield told(picture, error) if row is None else row


def told(picture: Path, error: Exception | None) -> str:
    """What is wrong with a picture, in one line; raises an error that says nothing of it."""
    from lowface_core.device import out_of_memory

    assert error is not None
    if isinstance(error, (DataError, NonFiniteError, OSError)):
        return str(error)
    if out_of_memory(error):
        return f"{picture}: takes more memory than there is; make it smaller"
    raise error


def _size(pair: Pair) -> int:
    with contextlib.suppress(OSError):
        return pair[0].stat().st_size
    return 0


def over_ray(
    pairs: Sequence[Pair],
    address: str,
    checkpoint: str,
    config: dict[str, Any],
    device: str,
    level: float | None,
    options: dict[str, Any],
    max_pixels: int | None = None,
) -> Iterator[tuple[int, Row | str]]:
    """:meth:`Enhancing.each` in the processes of a cluster, with the index of each pair, in the order they come.

    Args:
        address: see :func:`lowface_core.cluster.spread`.
        checkpoint, config: see :func:`lowface_core.inference.load_enhancer`; each worker loads it.

    Raises:
        LowfaceError: see :func:`lowface_core.cluster.spread`.
    """
    from lowface_core.cluster import RETRIES, needs_gpu, spread

    gpu = needs_gpu(device)
    left = set(range(len(pairs)))
    load = partial(_loaded, checkpoint, config, device, level, options, max_pixels)
    for index, result in spread(pairs, load, address, gpu):
        left.discard(index)
        yield index, result
    for index in sorted(left):
        why = f"lost with its worker {RETRIES + 1} times; try it alone, then the rest with --skip-existing"
        yield index, f"{pairs[index][0]}: {why}"


def _loaded(
    checkpoint: str,
    config: dict[str, Any],
    device: str,
    level: float | None,
    options: dict[str, Any],
    max_pixels: int | None,
) -> Callable[[Sequence[Pair]], list[Row | str]]:
    from lowface_core.inference import load_enhancer

    steps = Enhancing(load_enhancer(checkpoint, config, device), level, options, max_pixels)
    return lambda pairs: list(steps.each(pairs))
