"""Encoding by the processes of a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from lowface_core.cluster import RETRIES, Work, spread
from lowface_core.errors import LowfaceError
from lowface_recognition.encoding import Encoder, Job, Rows, keep, parts


class SpreadEncoder:
    """What :class:`lowface_recognition.encoding.Encoder` does, by workers of a cluster; the same batches.

    Args:
        jobs: what is encoded.
        load: picklable; called once in each worker, gives an encoder of any of the jobs.
        batch_size: as there.
        address: of the cluster, see :func:`lowface_core.cluster.spread`.
        gpu: the same.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        load: Callable[[], Callable[[Sequence[Job]], Encoder]],
        batch_size: int,
        address: str,
        gpu: bool | None,
    ) -> None:
        self.jobs, self.load, self.batch_size, self.address, self.gpu = jobs, load, batch_size, address, gpu
        self.rows: Rows = {}

    def batches(self, start: int = 0) -> Iterator[int]:
        """As :meth:`lowface_recognition.encoding.Encoder.batches`; each is whole when it is yielded, and all before it.

        Raises:
            LowfaceError: a picture cannot be read, a worker cannot load, or pictures lost their worker every time.
        """
        todo = list(parts(self.jobs, self.batch_size, start))
        load = partial(_work, self.load, self.jobs)
        early: dict[int, Rows] = {}
        following = 0
        for index, rows in spread(todo, load, self.address, self.gpu, block=1):
            early[index] = rows
            while following in early:
                for stage, row in early.pop(following).items():
                    keep(self.rows, stage, list(todo[following]), row["embedding"], row["found"], len(self.jobs))
                yield len(todo[following])
                following += 1
        if following < len(todo):
            key = self.jobs[todo[following].start].photo.key
            raise LowfaceError(f"{key} and its neighbours: lost with their worker {RETRIES + 1} times")


def _work(load: Callable[[], Callable[[Sequence[Job]], Encoder]], jobs: Sequence[Job]) -> Work:
    """In a worker, which gets the jobs once and is told places alone."""
    encoder_of = load()

    def rows_of(part: range) -> Rows:
        encoder = encoder_of([jobs[place] for place in part])
        for _ in encoder.batches():
            pass
        return encoder.rows

    return lambda places: [rows_of(part) for part in places]
