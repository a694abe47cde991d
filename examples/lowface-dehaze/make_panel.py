"""Draws held-out pictures hazed, dehazed by two runs, and clear; a green frame where the frozen classifier is right.

python make_panel.py runs/people runs/fidelity_only runs/dehaze panel.png
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from PIL import Image, ImageDraw

import lowface_core as lf

ROWS = ("hazed", "fidelity alone", "and classifier", "clear")
SIDE, FRAME, LEFT = 112, 5, 84
RIGHT, WRONG = (30, 150, 60), (200, 40, 40)


@torch.no_grad()
def main(people: str, fidelity_only: str, dehaze: str, target: str) -> None:
    """Draws the panel; arguments are three work dirs and the picture to write."""
    faces = {"type": "rendered_faces", "size": 64, "identities": 20, "pictures": 40}
    hazy = lf.build("dataset", "fold", part="test", dataset={**faces, "degradation": {"type": "fog_banks"}})
    classifier = lf.build(
        "head",
        "identity_classifier",
        model="mobilenetv3_small_050",
        num_classes=20,
        weights=f"{people}/weights.safetensors",
    )
    enhancers = [lf.load_enhancer(run) for run in (fidelity_only, dehaze)]
    items = [hazy[index] for index in (5, 20, 51, 68, 93, 126)]
    step = SIDE + FRAME
    sheet = Image.new("RGB", (LEFT + step * len(items) + FRAME, step * len(ROWS) + FRAME), "white")
    draw = ImageDraw.Draw(sheet)
    for column, item in enumerate(items):
        low, normal = (torch.from_numpy(item[name])[None] for name in ("low", "normal"))
        for row, picture in enumerate([low, *(enhancer(low) for enhancer in enhancers), normal]):
            known = int(classifier(picture).argmax()) == item["identity"]
            pixels = (picture[0].clamp(0, 1).numpy().transpose(1, 2, 0) * 255).round().astype(np.uint8)
            x, y = LEFT + column * step, FRAME + row * step
            draw.rectangle([x - 3, y - 3, x + SIDE + 2, y + SIDE + 2], fill=RIGHT if known else WRONG)
            sheet.paste(Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC), (x, y))
    for row, text in enumerate(ROWS):
        draw.text((3, FRAME + row * step + SIDE // 2 - 5), text, fill="black")
    sheet.quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
