"""Times baselines through the project's loader, which sets subnormal weights to zero, against the weights as published.

    OMP_NUM_THREADS=1 python tools/bench_baselines.py WEIGHTS [--size 128] [--rounds 5] [--out benchmarks/baselines_cpu]

WEIGHTS is the folder of the published files; their state dicts are used as they are for "as published". Both variants
are interleaved in one process. Writes OUT.md: medians, their ratio, and how far the pictures differ; and what LIME
takes for 512 x 512 pixels, and building the matrix of its linear system by a Python loop and of whole arrays.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from typing import Any

import torch
from lime_by_loop import matrix_at_once, matrix_by_loop
from stopwatch import Stopwatch, machine

import lowface_core as lf
from lowface_core.testing import tiny_batch

#: Enhancer → its published file; their keys are the published ones.
FILES = {"zero_dce": "zero_dce_epoch99.pth", "scl_lle": "scl_lle.pth"}


@torch.no_grad()
def measure(weights: Path, name: str, size: int, rounds: int) -> dict[str, Any]:
    """Median CPU seconds of both variants for one dark picture of noise, and how far their pixels differ at most."""
    file = weights / FILES[name]
    loaded, published = lf.build("enhancer", name, weights=str(file)).eval(), lf.build("enhancer", name).eval()
    state = torch.load(file, map_location="cpu", weights_only=True)
    published.load_state_dict(state)
    subnormal = sum(int(((v != 0) & (v.abs() < torch.finfo(v.dtype).tiny)).sum()) for v in state.values())
    low = 0.2 * torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    watch, pictures = Stopwatch(torch.device("cpu")), {}
    for _ in range(rounds + 1):
        for variant, enhancer in (("loaded", loaded), ("published", published)):
            with watch.part(variant):
                pictures[variant] = enhancer(low)["enhanced"]
    seconds = {variant: median(runs[1:]) for variant, runs in watch.cpu.items()}
    return {
        "name": name,
        "subnormal": subnormal / sum(v.numel() for v in state.values()),
        "difference": float((pictures["loaded"] - pictures["published"]).abs().max()),
        "ratio": median(watch.ratios("published", "loaded")),
        **seconds,
    }


def measure_lime(rounds: int, size: int = 512) -> dict[str, float]:
    """Median CPU seconds of LIME for a dark face, and of building its matrix by a loop (once) and of whole arrays."""
    low, lime, watch = tiny_batch(size, size, 1)["low"], lf.build("enhancer", "lime"), Stopwatch(torch.device("cpu"))
    across, down = (lime.lambda_ * lime.weights(low[0].amax(0).double().numpy(), axis) for axis in (1, 0))
    for _ in range(rounds + 1):
        with watch.part("lime"):
            lime(low)
        with watch.part("at once"):
            matrix_at_once(across, down)
    with watch.part("loop"):
        matrix_by_loop(across, down)
    return {part: median(runs[1:] or runs) for part, runs in watch.cpu.items()}


def report(rows: list[dict[str, Any]], lime: dict[str, float], size: int, rounds: int) -> str:
    """The figures as Markdown."""
    place = machine()
    lines = [
        "# Published weights with subnormal values",
        "",
        "Many of these weights are so close to zero that CPUs leave their fast path; the loader sets them to zero.",
        f"One picture of {size} x {size} pixels, {rounds} rounds interleaved in one process, ratios within each round;",
        f"{place['date']}, {place['cores']} cores (load {place['load_average']:.1f}), {place['threads']} thread(s),",
        f"torch {place['torch']}, Python {place['python']}. `python tools/bench_baselines.py WEIGHTS --size {size}`",
        "",
        "| enhancer | subnormal weights | as published, CPU s | loaded, CPU s | ratio | largest pixel difference |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['name']} | {r['subnormal']:.1%} | {r['published']:.3f} | {r['loaded']:.3f} | {r['ratio']:.1f} "
        f"| {r['difference']:.1e} |"
        for r in rows
    ]
    lines += [
        "",
        "# LIME",
        "",
        f"One dark face of 512 x 512 pixels: {lime['lime']:.2f} CPU s, median of {rounds}. Building the matrix of its "
        f"linear system takes",
        f"{lime['loop']:.2f} CPU s by a Python loop over the pixels and {lime['at once']:.3f} of whole arrays, "
        f"{lime['loop'] / lime['at once']:.0f} times less. LIME altogether,",
        f"whose solver needs no such matrix, takes {lime['lime'] / lime['loop']:.0%} of the loop's time.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measures and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/baselines_cpu"))
    args = parser.parse_args()
    rows = [measure(args.weights, name, args.size, args.rounds) for name in FILES]
    text = report(rows, measure_lime(args.rounds), args.size, args.rounds)
    args.out.with_suffix(".md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
