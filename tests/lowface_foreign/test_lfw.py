"""SFace through the head ``onnx`` on LFW's people, every pair of their pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import lowface_core as lf
from lowface_core.data.images import read_image


@pytest.mark.slow
def test_sface_verifies_lfw(onnx_package: Any, weights: Path, shared: Path) -> None:
    """TAR at FAR 1e-3 of every pair of 1,092 pictures of 400 people, no face undetected."""
    zoo = {name: str(next(weights.glob(f"face_{name}_*.onnx"))) for name in ("detection", "recognition")}
    encoder = {"type": "onnx", "role": "encoder", "scale": 255, "weights": zoo["recognition"]}
    face = lf.build("head", "face", encoder=encoder, detector={"type": "yunet", "weights": zoo["detection"]})
    files = sorted((shared / "data" / "lfw-faces").glob("*/*.jpg"))
    people = np.array([file.parent.name for file in files])
    with torch.no_grad():
        matches = [
            face(torch.stack([torch.from_numpy(read_image(file)) for file in files[start : start + 16]]))
            for start in range(0, len(files), 16)
        ]
    assert all(match.found.all() for match in matches)
    embedding = torch.cat([match.embedding for match in matches]).numpy()
    first, second = np.triu_indices(len(files), 1)
    cosine, same = (embedding @ embedding.T)[first, second], people[first] == people[second]
    impostors = np.sort(cosine[~same])
    threshold = impostors[-int(len(impostors) * 1e-3)]
    accepted = float((cosine[same] > threshold).mean())
    print(f"{same.sum()} genuine, {len(impostors)} impostor pairs, TAR {accepted:.4f} at FAR 1e-3")
    assert len(files) == 1092
    assert accepted >= 0.985
