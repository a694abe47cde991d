"""Fixtures of the face plugin's tests: reference arrays, detectors, and stand-ins that need no files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lowface_face.detections import Detections
from lowface_face.detector import RetinaFace
from lowface_face.face_encoder import FaceEncoder, FaceEncoderNet
from lowface_face.mtcnn import MTCNN

#: Landmarks of a face that looks straight out of a 64 x 64 picture.
POINTS = torch.tensor([[22.0, 26.0], [42.0, 26.0], [32.0, 37.0], [24.0, 47.0], [40.0, 47.0]])


@pytest.fixture(scope="session")
def weights(shared: Path) -> Path:
    return shared / "weights"


@pytest.fixture(scope="session")
def faces(shared: Path) -> dict[str, np.ndarray]:
    """Pictures, detections and cosines computed by the released code."""
    with np.load(shared / "oracle" / "faces_released_code.npz") as file:
        return dict(file)


@pytest.fixture(scope="session")
def pictures(faces: dict[str, np.ndarray]) -> list[Tensor]:
    """The reference pictures, (1,3,256,256) in [0,1]."""
    return [torch.from_numpy(faces[f"image{k}"]).permute(2, 0, 1)[None].float() / 255 for k in range(4)]


@pytest.fixture(scope="session")
def detector(weights: Path) -> RetinaFace:
    return RetinaFace(weights / "Retinaface_mobilenet0.25.pth")


@pytest.fixture(scope="session")
def mtcnn() -> MTCNN:
    return MTCNN()


@pytest.fixture(scope="session")
def filled(layouts, oracle_weights, tmp_path_factory: pytest.TempPathFactory):
    """Writes a released checkpoint with the weights of the reference arrays."""
    folder = tmp_path_factory.mktemp("filled")

    def write(name: str) -> Path:
        path = folder / name
        if not path.exists():
            torch.save(oracle_weights({key: torch.zeros(shape) for key, shape in layouts[name].items()}), path)
        return path

    return write


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> FaceEncoder:
    """The small encoder with random weights, through a file."""
    path = tmp_path_factory.mktemp("encoder") / "encoder.pth"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        torch.save(FaceEncoderNet().state_dict(), path)
    return FaceEncoder(path).requires_grad_(False)


class BrightDetector(nn.Module):
    """Finds one upright face of fixed place in every picture of mean over 0.05, and counts the pictures it saw."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def forward(self, image: Tensor) -> list[Detections]:
        assert not image.requires_grad
        self.seen += len(image)
        results = []
        for picture in image:
            count = int(picture.mean() > 0.05)
            box = torch.tensor([[12.0, 10.0, 52.0, 58.0]])[:count]
            results.append(Detections(box, torch.ones(count), POINTS[None][:count]))
        return results


@pytest.fixture
def bright_detector() -> BrightDetector:
    return BrightDetector()


@pytest.fixture
def points() -> Tensor:
    return POINTS.clone()
