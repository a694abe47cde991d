"""How many held-out people another classifier recognises than the one that trained the dehazers.

python second_opinion.py resnet10t runs/people_resnet10t runs/fidelity_only runs/dehaze
"""

from __future__ import annotations

import sys

import torch

import lowface_core as lf


@torch.no_grad()
def main(model: str, people: str, *dehazers: str) -> None:
    """Prints a line for hazed and clear pictures and for each dehazer; arguments are a timm model and work dirs."""
    faces = {"type": "rendered_faces", "size": 64, "identities": 20, "pictures": 40}
    hazy = lf.build("dataset", "fold", part="test", dataset={**faces, "degradation": {"type": "fog_banks"}})
    weights = f"{people}/weights.safetensors"
    classifier = lf.build("head", "identity_classifier", model=model, num_classes=20, weights=weights)
    items = [hazy[index] for index in range(len(hazy))]
    low, normal = (torch.stack([torch.from_numpy(item[name]) for item in items]) for name in ("low", "normal"))
    truth = torch.tensor([item["identity"] for item in items])
    shown = {"hazed": low, "clear": normal, **{run: lf.load_enhancer(run)(low) for run in dehazers}}
    for name, pictures in shown.items():
        right = int((classifier(pictures).argmax(1) == truth).sum())
        print(f"{name:24} {right} of {len(truth)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
