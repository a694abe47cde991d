"""Judging an enhancer: each metric on the low, the enhanced and the normal picture of every sample."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from lowface_core.data.batches import evaluation_batches, to_device
from lowface_core.evaluation.judges import Judges, Numbers, Table
from lowface_core.runs.checkpoint import random_state, restore_random_state
from lowface_core.runs.result_folder import ResultFolder
from lowface_core.runs.thumbnails import Thumbnails, spread
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.run_enhancer import run_enhancer


class Diary:
    """What an evaluation leaves besides its table, and the place from which an interrupted one goes on.

    Args:
        folder: where lines and state go.
        judges: the metrics at work.
        total: pictures of the data set, over which the sample thumbnails are spread.
        worst_by: column by which the worst pictures are chosen; None: the first that tells each picture's number.
    """

    def __init__(self, folder: ResultFolder, judges: Judges, total: int, worst_by: str | None = None) -> None:
        self.folder, self.judges, self.worst_by = folder, judges, worst_by
        self.thumbnails = Thumbnails()
        self.done = 0
        self._samples = spread(total)
        self._resumable = not judges.stateless

    def resume(self) -> int:
        """Goes back to where an interrupted evaluation was saved last.

        Returns:
            number of pictures that are done.
        """
        state = self.folder.state()
        if state is not None:
            self.done = state["done"]
            self.judges.load_state(state["judges"])
            self.thumbnails.load_state(state["thumbnails"])
            restore_random_state(state["random"])
            print(f"{self.folder.path}: continuing after {self.done} pictures", file=sys.stderr)
        elif self.folder.interrupted:
            names = ", ".join(self.judges.stateless)
            why = f"{names} cannot go on from a saved state" if names else "nothing was saved before the interruption"
            print(f"{self.folder.path}: starting anew; {why}", file=sys.stderr)
        return self.done

    def enter(self, keys: list[str], pictures: Mapping[str, Tensor], numbers: Numbers) -> None:
        """Takes in a judged batch: a line and perhaps a thumbnail for each picture.

        Args:
            pictures: stage → (B,3,H,W).
            numbers: from :meth:`Judges.update`.
        """
        rows = {stage: {column: v.tolist() for column, v in told.items()} for stage, told in numbers.items()}
        for place, key in enumerate(keys):
            own = {stage: {column: v[place] for column, v in told.items()} for stage, told in rows.items()}
            self.folder.line({"key": key, **own})
            stages = {stage: pictures[stage][place] for stage in numbers}
            if self.done + place in self._samples:
                self.thumbnails.offer("sample", key, stages, own["enhanced"])
            self._offer_worst(key, stages, own["enhanced"])
        self.done += len(keys)
        if self._resumable and self.folder.due():
            self.folder.save(
                {
                    "done": self.done,
                    "judges": self.judges.state(),
                    "thumbnails": self.thumbnails.state(),
                    "random": random_state(),
                }
            )

    def _offer_worst(self, key: str, stages: Mapping[str, Tensor], numbers: Mapping[str, float]) -> None:
        column = self.worst_by if self.worst_by in numbers else next(iter(numbers), None)
        if column is None:
            return
        sign = -1 if self.judges.direction(column) == "higher" else 1
        self.thumbnails.offer("worst", key, stages, numbers, f"by {column}", score=sign * numbers[column])


@torch.no_grad()
def evaluate(
    enhancer: nn.Module | None,
    dataset: Any,
    judges: Judges,
    bank: HeadBank,
    batch_size: int,
    advance: Callable[[int], None] = lambda pictures: None,
    diary: Diary | None = None,
) -> tuple[Table, dict[str, dict[str, Any]]]:
    """Metrics per stage over a whole data set, in memory that does not grow with it.

    Args:
        enhancer: in any mode; put in eval mode meanwhile. None: the data supply ``enhanced``.
        dataset: its items carry ``low``, or ``enhanced`` where there is no enhancer.
        judges: fresh or reset metrics.
        bank: heads prepared for this data set, on the device to use.
        advance: called with the number of pictures just done, for a progress bar.
        diary: receives each picture's numbers and thumbnails, and says where to go on; None: the table alone.

    Returns:
        ``{"low": {column: number}, "enhanced": …, "normal": …}`` and a description of each column, see
        :meth:`Judges.compute`.
    """
    start = diary.resume() if diary else 0
    advance(start)
    was_training = enhancer is not None and enhancer.training
    if enhancer is not None:
        enhancer.eval()
    done = start
    for host in evaluation_batches(dataset, batch_size, start):
        batch = to_device(host, bank.device)
        names: dict[str, Any] = {**batch, **(run_enhancer(enhancer, batch["low"]) if enhancer is not None else {})}
        names["enhanced"] = names["enhanced"].float().clamp(0, 1)
        numbers = judges.update({**names, **bank.bind(names)})
        count = len(names["enhanced"])
        if diary:
            diary.enter(list(batch.get("key") or map(str, range(done, done + count))), names, numbers)
        done += count
        advance(count)
    if enhancer is not None:
        enhancer.train(was_training)
    return judges.compute()


def table_text(
    table: Mapping[str, Mapping[str, float | None]], columns: Mapping[str, Mapping[str, Any]] | None = None
) -> str:
    """The table as aligned text: a line per stage, a column per number.

    Args:
        columns: from the result; adds a line with the direction and the variant of each.
    """
    names = list(dict.fromkeys(c for row in table.values() for c in row))
    details = {c: _detail((columns or {}).get(c, {})) for c in names}
    widths = {c: max(12, len(c) + 2, len(details[c]) + 2) for c in names}
    lines = ["".join([f"{'':10}", *(f"{c:>{widths[c]}}" for c in names)])]
    if any(details.values()):
        lines.append("".join([f"{'':10}", *(f"{details[c]:>{widths[c]}}" for c in names)]))
    for stage, row in ((stage, row) for stage, row in table.items() if row):
        cells = [f"{row[c]:.4f}" if row.get(c) is not None else "–" for c in names]
        lines.append("".join([f"{stage:10}", *(f"{cell:>{widths[c]}}" for c, cell in zip(names, cells, strict=True))]))
    return "\n".join(lines)


def _detail(column: Mapping[str, Any]) -> str:
    """``↑ rgb, dB``: direction, variant and unit."""
    arrow = {"higher": "↑", "lower": "↓"}.get(column.get("better", ""), "")
    words = ", ".join(str(column[key]) for key in ("variant", "unit") if column.get(key))
    return f"{arrow} {words}".strip()
