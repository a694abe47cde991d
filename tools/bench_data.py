"""How fast the loader serves batches with a warm cache, against decoding and resizing each picture every time.

    python tools/bench_data.py ROOT        # ROOT in the released layout, e.g. 800 pictures of 512x512

Prints a Markdown table for benchmarks/data_loading.md.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from typing import Any

from lowface_core.config.build import build_from
from lowface_core.data.batches import RunOrder, served, training_loader

BATCH, ROUNDS, SIZE = 8, 3, 128


def rate(data: Any, batches: int, start: int = 0) -> float:
    """Batches per second, one process, the loader's start not counted."""
    order = RunOrder(len(data), BATCH, seed=0)
    order.start = start
    stream = served(training_loader(data, order))
    next(stream)
    began = time.perf_counter()
    for _ in itertools.islice(stream, batches):
        pass
    return batches / (time.perf_counter() - began)


def main(root: str) -> None:
    spec = {
        "type": "lapa_face",
        "root": root,
        "split": "train",
        "size": SIZE,
        "contrast": True,
        "degradation": {"type": "linear"},
    }
    with tempfile.TemporaryDirectory() as folder:
        made = {
            "none": build_from("dataset", {**spec, "cache": False}, "none"),
            "memory": build_from("dataset", {**spec, "cache": True}, "memory"),
            "disk": build_from("dataset", {**spec, "cache": {"folder": folder}}, "disk"),
        }
        for name in ("memory", "disk"):
            for index in range(len(made[name])):
                made[name][index]
        # in turn, so that other work on the machine weighs on all alike
        rounds = [
            {name: rate(data, 15 if name == "none" else 75, start) for name, data in made.items()}
            for start in range(0, ROUNDS * 100, 100)
        ]
    print("| cache | batches per second, best of 3 | ratio in each round |\n|---|---|---|")
    for name in made:
        ratios = ", ".join(f"{one[name] / one['none']:.1f}x" for one in rounds)
        print(f"| {name} | {max(one[name] for one in rounds):.1f} | {ratios} |")


if __name__ == "__main__":
    main(sys.argv[1])
