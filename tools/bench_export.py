"""Times an enhancer's exports against torch on the CPU, all in one process and one run.

    OMP_NUM_THREADS=1 python tools/bench_export.py [--size 512] [--channels 64] [--rounds 5]

Low-FaceNet's network with drawn weights; torch (as lowface uses it, and as a plain module, which nothing folds), ONNX
Runtime and OpenVINO in fp32, with int8 of OpenVINO where NNCF is there, interleaved round by round. Ratios are of CPU
seconds within a round, since other work on the machine disturbs the clock on the wall. Writes --out with the endings
.md and .json.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import torch
from stopwatch import Stopwatch, machine

import lowface_core as lf
from lowface_core.step.loaded_enhancer import LoadedEnhancer
from lowface_deploy.parity import samples
from lowface_deploy.writers import write_onnx, write_openvino

PLAIN = "torch, plain module"


@torch.no_grad()
def measure(size: int, channels: int, rounds: int, int8: bool) -> list[dict[str, Any]]:
    """Seconds, ratio to torch and largest difference of each runtime for one picture of ``size`` x ``size``."""
    torch.manual_seed(0)
    enhancer = lf.build("enhancer", "retinex", channels=channels, init="he").eval().requires_grad_(False)
    low = 0.3 * torch.rand(1, 3, size, size)
    watch = Stopwatch(torch.device("cpu"))
    with tempfile.TemporaryDirectory() as folder:
        networks: dict[str, Any] = {"torch": LoadedEnhancer(enhancer), PLAIN: lambda low: enhancer(low)["enhanced"]}
        dark = [piece[:1].numpy() for piece in samples([])]
        plans = [
            ("ONNX Runtime fp32", "onnxruntime", write_onnx, "a.onnx", "fp32"),
            ("OpenVINO fp32", "openvino", write_openvino, "b.xml", "fp32"),
            ("OpenVINO int8", "nncf", write_openvino, "c.xml", "int8"),
        ]
        for name, package, write, file, precision in plans:
            if find_spec(package) and (int8 or precision != "int8"):
                write(enhancer, Path(folder) / file, precision, "{}", dark)
                networks[name] = lf.load_enhancer(Path(folder) / file)
        answers = {}
        for _ in range(rounds + 1):
            for name, network in networks.items():
                with watch.part(name):
                    answers[name] = network(low)
    rows = []
    for name in networks:
        ratios, plain = watch.ratios("torch", name), watch.ratios(PLAIN, name)
        rows.append(
            {
                "runtime": name,
                "cpu_s": median(watch.cpu[name][1:]),
                "wall_s": median(watch.wall[name][1:]),
                "ratio": median(ratios),
                "ratio_low": min(ratios),
                "ratio_high": max(ratios),
                "plain_ratio": median(plain),
                "plain_ratio_low": min(plain),
                "plain_ratio_high": max(plain),
                "difference": float((answers[name] - answers["torch"]).abs().max()),
            }
        )
    return rows


def report(rows: list[dict[str, Any]], args: argparse.Namespace, place: dict[str, Any]) -> str:
    """The figures as Markdown."""
    lines = [
        "# Exports against torch on the CPU",
        "",
        f"Low-FaceNet's network, {args.channels} channels, one picture of {args.size} x {args.size} pixels;",
        f"{args.rounds} rounds interleaved in one process, ratios of CPU seconds within each round;",
        f"{place['date']}, {place['cores']} cores (load {place['load_average']:.1f}), {place['threads']} thread(s),",
        f"torch {place['torch']}, Python {place['python']}.",
        f"`python tools/bench_export.py --size {args.size} --channels {args.channels} --rounds {args.rounds}"
        f"{' --no-int8' if args.no_int8 else ''}`",
        "",
        "| runtime | CPU s | wall s | torch / this, median (range) | plain module / this | largest pixel difference |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['runtime']} | {r['cpu_s']:.2f} | {r['wall_s']:.2f} | {r['ratio']:.2f} ({r['ratio_low']:.2f} to "
        f"{r['ratio_high']:.2f}) | {r['plain_ratio']:.2f} ({r['plain_ratio_low']:.2f} to {r['plain_ratio_high']:.2f}) "
        f"| {r['difference']:.1e} |"
        for r in rows
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measures and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-int8", action="store_true", help="leave out what takes long to calibrate")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/export_cpu"))
    args = parser.parse_args()
    rows, place = measure(args.size, args.channels, args.rounds, not args.no_int8), machine()
    text = report(rows, args, place)
    args.out.with_suffix(".md").write_text(text, "utf-8")
    args.out.with_suffix(".json").write_text(json.dumps({"machine": place, "rows": rows}, indent=2) + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
