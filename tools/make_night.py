"""Makes the weights of the enhancer ``night`` that ship, from finished runs of its recipe, with their records.

    lowface train night_rendered --work-dir work_dirs/night_base
    python tools/make_night.py work_dirs/night_base

Run it from the root of the checkout. The run is twenty minutes on one core.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from safetensors.torch import save_file

from lowface_core.config.load import load
from lowface_core.runs.checkpoint import LAST
from lowface_core.weights.record import sha256_of
from lowface_core.weights.state_dict import read_file

WEIGHTS = Path("plugins/lowface_night/weights")


def make(work_dir: Path) -> Path:
    """Copies the averaged weights of a run, and writes how they were made."""
    content, cfg = read_file(work_dir / LAST), load(work_dir / "config.py")
    manifest = json.loads((work_dir / "manifest.json").read_text("utf-8"))
    size = cfg["enhancer"]["size"]
    target = WEIGHTS / f"night_{size}.safetensors"
    state = {key: value.contiguous() for key, value in content["state_dict"].items()}
    save_file(state, target)
    options = {"enhancer.size": size} | {key: cfg[key] for key in ("max_iters",) if key in cfg}
    shipped = load("night_rendered")
    changed = [f"{key}={value}" for key, value in options.items() if _stated(shipped, key) != value]
    record = {
        "command": " ".join(["lowface train night_rendered", *(["--cfg-options", *changed] if changed else [])]),
        "enhancer": cfg["enhancer"],
        "seed": cfg["seed"],
        "iterations": content["iter"],
        "training_seconds": round(content["seconds"], 1),
        "parameters": sum(value.numel() for value in state.values()),
        "data": manifest["data"],
        "packages": {name: manifest["packages"][name] for name in ("torch", "mmengine")},
        "lowface": manifest["lowface"],
        "sha256": sha256_of(target),
    }
    target.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")
    return target


def _stated(cfg: dict, key: str) -> object:
    """The value at a path of a config, such as ``enhancer.size``."""
    for name in key.split("."):
        cfg = cfg[name]
    return cfg


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        print(make(Path(folder)))
