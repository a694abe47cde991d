"""One pipeline for everything that is measured: its folder, going on after an interruption, progress, the result."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch

from lowface_core.progress import counted
from lowface_core.runs.checkpoint import random_state, restore_random_state
from lowface_core.runs.memory import peak_memory_mib
from lowface_core.runs.result_folder import ResultFolder, choose


class Measurement(Protocol):
    """What one kind of measurement differs in from another; :func:`measure` does the rest.

    Attributes:
        command: ``evaluate``, ``identify``, …; part of the default folder.
        title: the method's name; the default folder is called after it.
        label: what is being done, in front of the progress bar.
        total: how many pictures there are to do.
        seed: of torch's generator, set before :meth:`prepare`.
    """

    command: str
    title: str
    label: str
    total: int
    seed: int

    def request(self) -> Mapping[str, Any]:
        """What is computed, as plain data; see :func:`lowface_core.runs.result_folder.choose`."""

    def manifest(self) -> Mapping[str, Any]:
        """Versions, weights and data, for the result; read before any work."""

    def prepare(self) -> None:
        """Builds what is dear; not called where a finished result is read back."""

    def stateless(self) -> Sequence[str]:
        """Parts that cannot go on from a saved state, by name; with any, nothing is saved. After :meth:`prepare`."""

    def batches(self, start: int, folder: ResultFolder) -> Iterator[int]:
        """Works batch by batch, and yields the number of pictures of each.

        Args:
            start: pictures that are done, the end of a batch; what follows is the same as without a break.
            folder: for lines and thumbnails.
        """

    def state(self) -> Mapping[str, Any]:
        """What :meth:`load_state` needs between two batches: tensors and plain data."""

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes back to :meth:`state`."""

    def result(self, folder: ResultFolder) -> Mapping[str, Any]:
        """The result but for title and manifest, once all batches are done; may add lines and thumbnails."""


def measure(measurement: Measurement, work_dir: str | Path | None = None, overwrite: bool = False) -> dict[str, Any]:
    """Runs a measurement, or continues an interrupted one, or reads a finished one back.

    Args:
        work_dir: where the result goes; None: ``work_dirs/<command>/<title>``, numbered when it holds another.
        overwrite: compute anew and replace what the folder holds.

    Returns:
        the result as it was written; ``result["manifest"]["work_dir"]`` is the folder.

    Raises:
        LowfaceError: the folder holds something else, or what the measurement raises.
    """
    title = measurement.title
    with choose(measurement.command, title, measurement.request(), work_dir, overwrite) as folder:
        if folder.finished is not None:
            print(f"{folder.path}: read back; --overwrite computes it anew", file=sys.stderr)
            return {**folder.finished, "manifest": {**folder.finished["manifest"], "work_dir": str(folder.path)}}
        began = time.monotonic()
        torch.manual_seed(measurement.seed)
        manifest = dict(measurement.manifest())
        measurement.prepare()
        stateless = measurement.stateless()
        done = _resume(measurement, folder, stateless)
        with counted(measurement.label, measurement.total) as advance:
            advance(done)
            for count in measurement.batches(done, folder):
                done += count
                if not stateless and folder.due():
                    folder.save({"done": done, "measurement": measurement.state(), "random": random_state()})
                advance(count)
        content = measurement.result(folder)
        manifest |= {
            "work_dir": str(folder.path),
            "seconds": round(time.monotonic() - began, 1),
            "peak_memory_mib": peak_memory_mib(),
        }
        return folder.finish({"title": title, "manifest": manifest, **content})


def _resume(measurement: Measurement, folder: ResultFolder, stateless: Sequence[str]) -> int:
    """Goes back to where an interrupted measurement was saved last; the number of pictures that are done."""
    state = folder.state()
    if state is not None:
        measurement.load_state(state["measurement"])
        restore_random_state(state["random"])
        print(f"{folder.path}: continuing after {state['done']} pictures", file=sys.stderr)
        return int(state["done"])
    if folder.interrupted:
        why = "nothing was saved before the interruption"
        if stateless:
            why = f"{', '.join(stateless)} cannot go on from a saved state"
        print(f"{folder.path}: starting anew; {why}", file=sys.stderr)
    return 0
