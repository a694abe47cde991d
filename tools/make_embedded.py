"""Makes the embedded head weights again: pretrains each on rendered faces and puts weights and record into the plugins.

    python tools/make_embedded.py [parser encoder features] [--work-dirs DIR]

Takes about half an hour on two cores. Run it from the root of the checkout.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

TARGETS = {
    "parser": Path("plugins/lowface_semantic/weights/parser_rendered"),
    "encoder": Path("plugins/lowface_face/weights/encoder_rendered"),
    "features": Path("plugins/lowface_fidelity/weights/features_rendered"),
}


def make(name: str, work_dirs: Path) -> None:
    """Pretrains one head and copies ``weights.safetensors`` and ``record.json`` into its plugin."""
    work_dir = work_dirs / f"{name}_rendered"
    command = [sys.executable, "-m", "lowface_core", "pretrain", f"heads/{name}_rendered", "--work-dir", str(work_dir)]
    subprocess.run(command, check=True)
    target = TARGETS[name]
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(work_dir / "weights.safetensors", target.with_suffix(".safetensors"))
    record = json.loads((work_dir / "record.json").read_text())
    target.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")
    print(f"{name}: {record['scores']}")


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heads", nargs="*", default=list(TARGETS), choices=[*TARGETS, []], metavar="HEAD")
    parser.add_argument("--work-dirs", type=Path, default=Path("work_dirs/embedded"))
    arguments = parser.parse_args()
    for name in arguments.heads:
        make(name, arguments.work_dirs)


if __name__ == "__main__":
    main()
