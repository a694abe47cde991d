"""Trains the frozen and the trainable classifier by several seeds, and prints what each is right about.

    python compare.py WORK_DIR [--seeds 1 2 3]

A run that is finished is read back. Accuracies are of the 640 test pictures, enhanced, with Wilson's intervals; the
differences between recipes are means over the seeds with Student's interval.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
from scipy import stats

from lowface_core.config.load import load
from lowface_core.train.pretrainer import pretrain
from lowface_core.train.trainer import train

CONFIGS = Path(__file__).parent / "configs"
#: Row of the table → its config, iterations and further changes.
ROWS: dict[str, tuple[str, int]] = {
    "frozen, as many steps of the enhancer": ("frozen", 100),
    "frozen, as many iterations": ("frozen", 200),
    "in turns": ("turns", 200),
    "classifier alone, as many of its steps": ("classifier_alone", 100),
}


def wilson(share: float, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of ``count``."""
    z = 1.959964
    middle, half = share + z * z / (2 * count), z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return (middle - half) / (1 + z * z / count), (middle + half) / (1 + z * z / count)


def student(values: list[float]) -> tuple[float, float, float]:
    """Mean and 95 % interval over seeds."""
    mean, error = float(np.mean(values)), float(np.std(values, ddof=1) / math.sqrt(len(values)))
    half = float(stats.t.ppf(0.975, len(values) - 1)) * error
    return mean, mean - half, mean + half


def run(folder: Path, config: str, iterations: int, seed: int, weights: Path) -> dict:
    """One training's ``summary.json``, with the processor time it took."""
    found = folder / "compared.json"
    if found.is_file():
        return json.loads(found.read_text())
    options = [f"weights_root={weights}", f"max_iters={iterations}", f"seed={seed}", "device=cpu"]
    began = time.process_time()
    summary = train(load(str(CONFIGS / f"{config}.py"), options, {"work_dir": str(folder)}), config)
    summary["processor_seconds"] = round(time.process_time() - began, 1)
    found.write_text(json.dumps(summary))
    return summary


def main() -> None:
    """Trains what is missing, then prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work_dir", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    given = parser.parse_args()
    results: dict[str, list[dict]] = {row: [] for row in ROWS}
    for seed in given.seeds:
        weights = given.work_dir / f"patterns_{seed}"
        if not (weights / "record.json").is_file():
            options = [f"seed={seed}", "device=cpu"]
            config = str(CONFIGS / "patterns.py")
            pretrain(load(config, options, {"work_dir": str(weights)}), config)
        for row, (config, iterations) in ROWS.items():
            folder = given.work_dir / f"{config}_{iterations}_{seed}"
            results[row].append(run(folder, config, iterations, seed, weights))
    print(
        "\n| recipe | "
        + " | ".join(f"seed {seed}" for seed in given.seeds)
        + " | mean | good pictures | PSNR, dB | s |"
    )
    print("|---" * (len(given.seeds) + 5) + "|")
    for row, found in results.items():
        cells = []
        for one in found:
            share = one["test"]["enhanced"]["top1"]
            low, high = wilson(share, one["pictures"])
            cells.append(f"{100 * share:.1f} [{100 * low:.1f}, {100 * high:.1f}]")
        mean = [np.mean([one["test"]["enhanced"]["top1"] for one in found]) * 100]
        mean.append(np.mean([one["test"]["normal"]["top1"] for one in found]) * 100)
        psnr = np.mean([one["test"]["enhanced"]["psnr"] for one in found])
        seconds = np.mean([one["processor_seconds"] for one in found])
        print(f"| {row} | {' | '.join(cells)} | {mean[0]:.1f} | {mean[1]:.1f} | {psnr:.2f} | {seconds:.0f} |")
    dark = [one["test"]["low"]["top1"] for one in results["frozen, as many iterations"]]
    print(f"\ndark pictures, frozen classifier: {', '.join(f'{100 * share:.1f}' for share in dark)}")
    if len(given.seeds) > 1:
        turns = [one["test"]["enhanced"]["top1"] for one in results["in turns"]]
        for row, found in results.items():
            if row != "in turns":
                gains = [100 * (a - b["test"]["enhanced"]["top1"]) for a, b in zip(turns, found, strict=True)]
                mean, low, high = student(gains)
                print(f"in turns, ahead of {row}: {mean:+.1f} points [{low:+.1f}, {high:+.1f}]")


if __name__ == "__main__":
    main()
