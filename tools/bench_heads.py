"""Times detecting and embedding a batch of pictures against single calls, all variants interleaved in one process.

    OMP_NUM_THREADS=1 python tools/bench_heads.py DATA --weights FOLDER [--rounds 9] [--out benchmarks/heads_speed]

DATA holds one folder of 250 x 250 pictures per person (LFW); FOLDER the two weights files of `configs/recognition.py`.
Writes OUT.json and OUT.md: median and quartiles over the rounds, and ratios within each round.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import torch
from torch import Tensor, nn

import lowface_core as lf

PICTURES = 16
BASELINE = "16 single calls, letterbox 640"


def variants(weights: Path, batch: Tensor) -> dict[str, Callable[[], None]]:
    """What is timed, by name; the first is what the released code does."""
    encoder = lf.build("head", "mobilefacenet", weights=str(weights / "mobilefacenet_casia_068.ckpt"))

    def face(**arguments: Any) -> nn.Module:
        file = str(weights / "Retinaface_mobilenet0.25.pth")
        detector = lf.build("head", "retinaface", weights=file, **arguments)
        return lf.build("head", "face", encoder=encoder, detector=detector).eval()

    own, released = face(), face(input_size=640)
    mtcnn = lf.build("head", "face", encoder=encoder, detector=lf.build("head", "mtcnn")).eval()

    def singles(head: nn.Module) -> None:
        for picture in batch:
            head(picture[None])

    return {
        BASELINE: lambda: singles(released),
        "batch of 16, letterbox 640": lambda: released(batch),
        "16 single calls, own size": lambda: singles(own),
        "batch of 16, own size (default)": lambda: own(batch),
        "batch of 16, mtcnn": lambda: mtcnn(batch),
    }


@torch.no_grad()
def measure(timed: dict[str, Callable[[], None]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each variant in each round, after one round to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    for number in range(rounds + 1):
        for name, run in timed.items():
            began = time.perf_counter()
            run()
            if number:
                seconds[name].append(time.perf_counter() - began)
    return seconds


def summary(seconds: dict[str, list[float]]) -> list[dict[str, Any]]:
    """Median and quartiles of times and of ratios to the baseline of the same round."""
    rows = []
    for name, times in seconds.items():
        ratios = [t / b for t, b in zip(times, seconds[BASELINE], strict=True)]
        low, _, high = quantiles(times, n=4)
        ratio_low, _, ratio_high = quantiles(ratios, n=4)
        rows.append(
            {
                "name": name,
                "median_s": round(median(times), 4),
                "quartiles_s": [round(low, 4), round(high, 4)],
                "ratio": round(median(ratios), 3),
                "ratio_quartiles": [round(ratio_low, 3), round(ratio_high, 3)],
            }
        )
    return rows


def markdown(content: dict[str, Any]) -> str:
    """The table, and how it came about."""
    lines = [
        "# Detecting and embedding 16 pictures",
        "",
        "RetinaFace (MobileNet-0.25), five-point alignment, MobileFaceNet; 16 LFW pictures of 250 x 250. The baseline",
        "is how the released code works: one picture at a time, letterboxed to 640 x 640. Ratios are taken within each",
        "round.",
        "",
        f"`{content['command']}`",
        "",
        f"{content['machine']}; {content['threads']} thread(s), {content['rounds']} rounds interleaved in one process;",
        f"torch {content['torch']}, Python {content['python']}, lowface {content['lowface']}.",
        "",
        "| variant | median, s | quartiles, s | ratio to baseline | quartiles |",
        "|---|---|---|---|---|",
    ]
    for row in content["results"]:
        low, high = row["quartiles_s"]
        ratio_low, ratio_high = row["ratio_quartiles"]
        lines.append(
            f"| {row['name']} | {row['median_s']:.3f} | {low:.3f}–{high:.3f} | {row['ratio']:.3f} | "
            f"{ratio_low:.3f}–{ratio_high:.3f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--machine", default="CPU", help="what to write about the machine")
    parser.add_argument("--out", type=Path, help="stem of the files to write; default: print only")
    arguments = parser.parse_args()
    dataset = lf.build("dataset", "lfw", root=str(arguments.data))
    step = len(dataset) // PICTURES
    batch = torch.stack([torch.as_tensor(dataset[index * step]["normal"]) for index in range(PICTURES)])
    content = {
        "command": f"OMP_NUM_THREADS={torch.get_num_threads()} python tools/bench_heads.py DATA --weights FOLDER "
        f"--rounds {arguments.rounds}",
        "machine": arguments.machine,
        "threads": torch.get_num_threads(),
        "rounds": arguments.rounds,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "lowface": version("lowface"),
        "results": summary(measure(variants(arguments.weights, batch), arguments.rounds)),
    }
    print(markdown(content))
    if arguments.out:
        arguments.out.parent.mkdir(exist_ok=True)
        arguments.out.with_suffix(".json").write_text(json.dumps(content, indent=2) + "\n")
        arguments.out.with_suffix(".md").write_text(markdown(content))


if __name__ == "__main__":
    main()
