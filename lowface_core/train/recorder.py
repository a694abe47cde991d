"""What a run reports while it goes: metrics.jsonl, TensorBoard events, a progress bar or plain lines on stderr."""

from __future__ import annotations

import contextlib
import json
import math
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import Tensor

from lowface_core.files import json_of, naming, write_text
from lowface_core.progress import progress_bar

JSONL = "metrics.jsonl"


class Recorder:
    """Records one run. Only the main process has one.

    Args:
        work_dir: where ``metrics.jsonl`` and the TensorBoard events go.
        total: iterations of the whole run.
        start: iteration a resumed run continues from; later lines of an interrupted run are dropped.
        interval: iterations between lines.
        unmeasured: the validation of ``start`` is yet to come: a line of it is dropped, too.
    """

    def __init__(self, work_dir: Path, total: int, start: int, interval: int, unmeasured: bool = False) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.path, self.total, self.interval = work_dir / JSONL, total, interval
        self._keep_until(start, unmeasured)
        self._events_folder = work_dir / "tensorboard"
        with naming(self.path):
            self._file = self.path.open("a", encoding="utf-8")
        self._hook = threading.excepthook
        threading.excepthook = _told_once(self._hook)
        with naming(self._events_folder):
            self._events = SummaryWriter(str(self._events_folder), purge_step=start + 1 if start else None)
        self._sums: dict[str | None, dict[str, float | Tensor]] = {}
        self._counts: dict[str | None, int] = {}
        self._rates: dict[str | None, float] = {}
        self._bar = progress_bar("training", total, start)
        self._printed = start

    def _keep_until(self, start: int, unmeasured: bool) -> None:
        if not self.path.is_file():
            return
        rows: list[tuple[str, Any]] = []
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines() if start else []:
            with contextlib.suppress(ValueError):  # the last one may have been cut short
                rows.append((line, json_of(line)))
        last = ("train",) if unmeasured else ("train", "val")
        rows = [(line, row) for line, row in rows if isinstance(row, dict) and isinstance(row.get("iter"), int)]
        kept = [
            line for line, row in rows if row["iter"] < start or (row["iter"] == start and row.get("split") in last)
        ]
        write_text(self.path, "".join(f"{line}\n" for line in kept))

    def step(self, iteration: int, values: dict[str, Any], lr: float, phase: str | None = None) -> None:
        """Takes one iteration's losses; every ``interval`` iterations their mean becomes a line, one for each phase."""
        sums = self._sums.setdefault(phase, {})
        for name, value in values.items():
            sums[name] = sums.get(name, 0.0) + value
        self._counts[phase], self._rates[phase] = self._counts.get(phase, 0) + 1, lr
        if iteration % self.interval == 0 or iteration == self.total:
            texts = []
            for each in sorted(self._sums, key=str):
                means = {name: float(total) / self._counts[each] for name, total in self._sums[each].items()}
                self.line(iteration, "train", {**means, "lr": self._rates[each]}, each)
                terms = [f"{n.removeprefix('loss/')} {v:.4f}" for n, v in means.items() if n.startswith("loss/")]
                texts.append("  ".join([*([] if each is None else [f"{each}:"]), *terms]))
            losses = "  ".join(texts)
            self._sums, self._counts = {}, {}
            if self._bar:
                self._bar.update(0, below=losses)
            elif iteration - self._printed >= max(self.total // 10, self.interval) or iteration == self.total:
                self._printed = iteration
                self.message(f"iteration {iteration}/{self.total}  {losses}")
        if self._bar:
            self._bar.update(0, completed=iteration)

    def line(self, iteration: int, split: str, values: dict[str, Any], phase: str | None = None) -> None:
        """One line of ``metrics.jsonl``, and the same numbers as TensorBoard events."""
        about = {"iter": iteration, "split": split, **({"phase": phase} if phase else {})}
        place = f"{split}/{phase}" if phase else split
        nested = {f"{k}/{n}": v for k, row in values.items() if isinstance(row, dict) for n, v in row.items()}
        numbers = {k: v for k, v in {**values, **nested}.items() if isinstance(v, (int, float))}
        scalars = {k: v if math.isfinite(v) else None for k, v in numbers.items()}
        with naming(self.path):
            self._file.write(json.dumps({**about, **scalars}) + "\n")
            self._file.flush()
        with naming(self._events_folder):
            for name, value in scalars.items():
                if value is not None:
                    self._events.add_scalar(f"{place}/{name}", value, iteration)

    def message(self, text: str) -> None:
        """A line on stderr, above the progress bar when there is one."""
        if self._bar:
            self._bar.console.print(text, highlight=False, markup=False)
        else:
            print(text, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Stops the bar and closes the files."""
        if self._bar:
            self._bar.stop()
            self._bar = None
        try:
            with naming(self._events_folder):
                self._events.close()
        finally:
            threading.excepthook = self._hook
            with naming(self.path):
                self._file.close()


def _told_once(hook: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A hook for what ends threads, silent of TensorBoard's, which raises the same where the next event is added."""

    def told(args: Any) -> None:
        if not (issubclass(args.exc_type, OSError) and "tensorboard" in type(args.thread).__module__):
            hook(args)

    return told
