"""Draws a panel (low, enhanced, illumination, normal) of held-out rendered faces with a trained enhancer.

    python tools/make_panel.py WORK_DIR docs/images/rendered_panel.png

No picture of a real person goes into the documentation, so runs on real faces are shown on rendered ones, too.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

import lowface_core as lf
from lowface_core.train.sample_panel import fixed_samples, write_panel


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work_dir", help="work dir or checkpoint")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--size", type=int, default=160, help="pixels")
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--darkening", type=float, nargs=2, default=(0.10, 0.35), help="range of ratios")
    asked = parser.parse_args()
    low, high = asked.darkening
    faces = lf.build(
        "dataset",
        "rendered_faces",
        size=asked.size,
        first_identity=60_000,  # beyond every identity that a shipped config trains or tests on
        identities=asked.rows,
        pictures=1,
        degradation={"type": "linear", "low": low, "high": high},
    )
    # the panel wants the illumination too, so the network inside the picture-to-picture wrapper is asked
    enhancer = lf.load_enhancer(asked.work_dir).enhancer
    write_panel(asked.picture, enhancer, fixed_samples(faces, asked.rows), torch.device("cpu"))


if __name__ == "__main__":
    main()
