"""Rank-1 identification of normal-light pictures: gallery = first picture of each person, probes = all others.

    python tools/identify_lfw.py DATA --weights FOLDER [--detectors retinaface retinaface-640 mtcnn] [--json FILE]

DATA holds one folder of pictures per person (LFW); FOLDER holds ``Retinaface_mobilenet0.25.pth`` and
``mobilefacenet_casia_068.ckpt``. An undetected probe counts as wrong, and so do the probes of a person whose gallery
picture shows no face to the detector.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import lowface_core as lf
from lowface_core.errors import LowfaceError

BATCH = 16


def detector_of(name: str, weights: Path) -> nn.Module:
    """``mtcnn``, ``retinaface`` or ``retinaface-<letterbox side>``."""
    if name == "mtcnn":
        return lf.build("head", "mtcnn")
    side = name.partition("-")[2]
    arguments = {"input_size": int(side)} if side else {}
    return lf.build("head", "retinaface", weights=str(weights / "Retinaface_mobilenet0.25.pth"), **arguments)


@torch.no_grad()
def encode(face: nn.Module, pictures: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Embeddings (N,D), zero without a face, and whether each picture showed one; pictures of one size together."""
    rows = torch.zeros(len(pictures), face.encoder.dim)
    found = torch.zeros(len(pictures), dtype=torch.bool)
    by_size: dict[tuple[int, ...], list[int]] = {}
    for index, picture in enumerate(pictures):
        by_size.setdefault(tuple(picture.shape), []).append(index)
    for places in by_size.values():
        for start in range(0, len(places), BATCH):
            some = places[start : start + BATCH]
            match = face(torch.stack([pictures[index] for index in some]))
            rows[some], found[some] = match.embedding, match.found
    return rows, found


def identify(name: str, dataset: Any, weights: Path) -> dict[str, Any]:
    """The figures of one detector, as plain data."""
    encoder = lf.build("head", "mobilefacenet", weights=str(weights / "mobilefacenet_casia_068.ckpt"))
    face = lf.build("head", "face", encoder=encoder, detector=detector_of(name, weights)).eval()
    items = [dataset[index] for index in range(len(dataset))]
    first: dict[int, int] = {}
    for index, item in enumerate(items):
        first.setdefault(int(item["identity"]), index)
    pictures = [torch.as_tensor(item["normal"]) for item in items]
    began = time.perf_counter()
    rows, found = encode(face, pictures)
    seconds = time.perf_counter() - began
    columns = torch.tensor([first[identity] for identity in sorted(first)])
    probes = torch.tensor(sorted(set(range(len(items))) - set(first.values())))
    truth = torch.tensor([int(items[index]["identity"]) for index in probes])
    similarity = (rows[probes] @ rows[columns].T).masked_fill(~found[columns], float("-inf"))
    right = (similarity.argmax(1) == truth) & found[probes]
    return {
        "detector": name,
        "people": len(columns),
        "probes": len(probes),
        "rank1": float(right.float().mean()),
        "right": int(right.sum()),
        "gallery_recall": float(found[columns].float().mean()),
        "undetected_probes": int((~found[probes]).sum()),
        "seconds_per_picture": round(seconds / len(items), 4),
        "threads": torch.get_num_threads(),
    }


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--detectors", nargs="+", default=["retinaface", "retinaface-640", "mtcnn"])
    parser.add_argument("--json", type=Path, help="also write the figures there")
    arguments = parser.parse_args()
    try:
        dataset = lf.build("dataset", "lfw", root=str(arguments.data))
        results = []
        print(f"{'detector':16}{'rank-1':>9}{'right':>12}{'gallery recall':>16}{'undetected':>12}{'s/picture':>11}")
        for name in arguments.detectors:
            r = identify(name, dataset, arguments.weights)
            results.append(r)
            share = f"{r['right']}/{r['probes']}"
            print(
                f"{name:16}{r['rank1']:9.4f}{share:>12}{r['gallery_recall']:16.4f}{r['undetected_probes']:12d}"
                f"{r['seconds_per_picture']:11.4f}",
                flush=True,
            )
    except LowfaceError as error:
        raise SystemExit(f"identify_lfw: {error}") from error
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
