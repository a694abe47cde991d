"""Times what people wait for, against plain references and this machine's limit, and writes docs/performance.md.

    python tools/bench.py [--rounds 7] [--weights FOLDER] [--skip-start] [--no-history]

Enhancers and references are interleaved round by round in one process; ratios are of CPU seconds within a round, since
other work disturbs the clock on the wall. The limit is what a network's multiplications would take at the rate of one
large convolution (64 to 64 channels, 3x3, 512x512) timed in the same rounds. Starting up is timed in processes of its
own. FOLDER holds SCI's published weights; without it, SCI has drawn ones. Each run is added to benchmarks/history.json
under its commit, and the page is made of the newest.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from plain_enhance_net import PlainEnhanceNet
from stopwatch import ROOT, Stopwatch, machine
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import lowface_core as lf
from lowface_core.data.images import write_image
from lowface_core.step.loaded_enhancer import LoadedEnhancer
from lowface_core.testing import tiny_batch

HISTORY, PAGE = Path("benchmarks/history.json"), Path("docs/performance.md")
#: Side of the picture of the convolution that stands for the machine's limit.
YARDSTICK = 512


class Row(NamedTuple):
    """One thing that is timed: for a picture of ``size`` x ``size``; ``against`` is the name of another row."""

    name: str
    size: int
    network: Callable[[Tensor], Tensor]
    against: str | None = None


def used(kind: str, **options: Any) -> nn.Module:
    """An enhancer as `lowface enhance` runs it."""
    return LoadedEnhancer(lf.build("enhancer", kind, **options).eval().requires_grad_(False))


def rows_of(weights: Path | None) -> list[Row]:
    """The enhancers, and what they are compared with: the same weights where both are Low-FaceNet's network."""
    rows = []
    for channels, size in ((64, 512), (16, 256)):
        torch.manual_seed(0)
        net = lf.build("enhancer", "retinex", channels=channels, init="he").eval().requires_grad_(False)
        plain = f"Enhance-Net, {channels} channels, as a plain module"
        rows += [
            Row(plain, size, PlainEnhanceNet(net)),
            Row(f"`retinex`, {channels} channels", size, LoadedEnhancer(net), plain),
        ]
    sci = {} if weights is None else {"weights": str(weights / "sci_medium.pt")}
    rows += [Row("`sci`", 256, used("sci", **sci), rows[2].name)]
    rows += [Row(f"`night`, {size}", 256, used("night", size=size), rows[2].name) for size in ("base", "small")]
    rows += [Row("`clahe` (OpenCV)", 256, used("clahe"), rows[2].name)]
    return rows


def multiplications(row: Row) -> float:
    """Multiplications of convolutions and matrix products for its picture."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        row.network(tiny_batch(row.size, row.size, 1)["low"])
    return counter.get_total_flops() / 2


@torch.no_grad()
def measure(rows: list[Row], rounds: int) -> list[dict[str, Any]]:
    """CPU and wall seconds of every row, its ratio to the row it stands against, and to the machine's limit."""
    pictures = {row.size: tiny_batch(row.size, row.size, 1)["low"] for row in rows}
    torch.manual_seed(0)
    layout = {"memory_format": torch.channels_last}
    x, weight = torch.rand(1, 64, YARDSTICK, YARDSTICK).to(**layout), torch.rand(64, 64, 3, 3).to(**layout)
    watch, answers = Stopwatch(torch.device("cpu")), {}
    for _ in range(rounds + 1):
        with watch.part("limit"):
            F.conv2d(x, weight, padding=1)
        for row in rows:
            with watch.part(row.name):
                answers[row.name] = row.network(pictures[row.size])
    rate = 64 * 64 * 9 * YARDSTICK**2 / min(watch.cpu["limit"][1:])
    found = []
    for row in rows:
        cpu, entry = watch.cpu[row.name][1:], {"name": row.name, "size": row.size, "against": row.against}
        entry |= {"cpu_s": median(cpu), "cpu_min_s": min(cpu), "cpu_max_s": max(cpu)}
        entry |= {"wall_s": median(watch.wall[row.name][1:]), "multiplications": multiplications(row)}
        entry["of_limit"] = entry["multiplications"] / rate / entry["cpu_s"]
        if row.against is not None:
            ratios = watch.ratios(row.against, row.name)
            entry |= {"ratio": median(ratios), "ratio_low": min(ratios), "ratio_high": max(ratios)}
            if row.against.startswith("Enhance-Net") and "retinex" in row.name:
                entry["difference"] = float((answers[row.name] - answers[row.against]).abs().max())
        found.append(entry)
    return found


def measure_start(rounds: int) -> list[dict[str, Any]]:
    """CPU seconds of whole processes: importing torch, and enhancing one picture, by torch and by an exported file."""
    with tempfile.TemporaryDirectory() as folder:
        picture, model = Path(folder) / "dark.png", Path(folder) / "night.onnx"
        write_image(picture, tiny_batch(256, 256, 1)["low"][0].numpy())
        lowface = [sys.executable, "-m", "lowface_core"]
        enhance = [*lowface, "enhance", str(picture), "-o", str(Path(folder) / "bright.png"), "--overwrite"]
        commands = {
            'python -c "import torch"': [sys.executable, "-c", "import torch"],
            "lowface enhance, shipped weights": enhance,
        }
        made = subprocess.run([*lowface, "export", "night/base", "-o", str(model)], capture_output=True)
        if made.returncode == 0:
            commands["lowface enhance, exported to ONNX"] = [*enhance, "--checkpoint", str(model)]
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds + 1):
            for name, command in commands.items():
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                seconds[name].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    base = seconds['python -c "import torch"'][1:]
    found = []
    for name, all_runs in seconds.items():
        runs = all_runs[1:]
        ratios = [own / torch_alone for own, torch_alone in zip(runs, base, strict=True)]
        found.append({"name": name, "cpu_s": median(runs), "ratio": median(ratios)})
        found[-1] |= {"ratio_low": min(ratios), "ratio_high": max(ratios)}
    return found


def _ratio(row: dict[str, Any]) -> str:
    return f"{row['ratio']:.2f} ({row['ratio_low']:.2f} to {row['ratio_high']:.2f})"


def page(run: dict[str, Any]) -> str:
    """docs/performance.md."""
    place, command = run["machine"], run["command"]
    lines = [
        "<!-- made by tools/bench.py; do not edit -->",
        "",
        "# Performance",
        "",
        "What a picture takes on a processor. Enhancers and references take turns in one process; ratios are of",
        "CPU time within a round, median and range. *Of the limit*: what the network's multiplications would take",
        "at the rate of one large convolution timed in the same rounds, as a share of what it takes.",
        "",
        f"`{command}`, {place['date']}, {place['cores']} cores ({place['architecture']}),",
        f"load {place['load_average']:.1f}, {place['threads']} thread(s),",
        f"torch {place['torch']}, Python {place['python']}.",
        "",
        "| enhancer | picture | CPU ms | quicker than | by | of the limit | largest difference |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in run["enhancers"]:
        by = _ratio(row) if row["against"] else ""
        limit = f"{row['of_limit']:.0%}" if row["multiplications"] else ""
        difference = f"{row['difference']:.0e}" if "difference" in row else ""
        cells = (row["name"], f"{row['size']} x {row['size']}", f"{1000 * row['cpu_s']:.0f}", row["against"] or "", by)
        lines.append(f"| {' | '.join((*cells, limit, difference))} |")
    if run["start"]:
        lines += ["", "Starting up, one picture of 256 x 256, whole processes, one thread:", ""]
        lines += ["| command | CPU s | of importing torch |", "|---|---|---|"]
        lines += [f"| {row['name']} | {row['cpu_s']:.2f} | {_ratio(row)} |" for row in run["start"]]
    lines += ["", f"Earlier runs: [{HISTORY}](../{HISTORY}).", ""]
    return "\n".join(lines)


def main() -> None:
    """Measures and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--skip-start", action="store_true")
    parser.add_argument("--no-history", action="store_true", help="print the page, write nothing")
    args = parser.parse_args()
    run = {
        "command": f"python tools/bench.py --rounds {args.rounds}{' --weights FOLDER' if args.weights else ''}",
        "machine": machine(),
        "enhancers": measure(rows_of(args.weights), args.rounds),
        "start": [] if args.skip_start else measure_start(args.rounds),
    }
    print(page(run))
    if not args.no_history:
        history = json.loads((ROOT / HISTORY).read_text("utf-8")) if (ROOT / HISTORY).exists() else []
        (ROOT / HISTORY).write_text(json.dumps([*history, run], indent=1) + "\n", "utf-8")
        (ROOT / PAGE).write_text(page(run), "utf-8")


if __name__ == "__main__":
    main()
