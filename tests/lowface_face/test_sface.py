"""SFace: the numbers of onnxruntime, gradients, and crops as OpenCV aligns them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from lowface_face.align import align_similarity
from lowface_face.encoder import TEMPLATE_112
from lowface_face.sface import SFace, SFaceNet

FILE = "face_recognition_sface_2021dec_int8bq.onnx"


@pytest.fixture(scope="module")
def sface(weights: Path) -> SFace:
    pytest.importorskip("onnx", reason='needs pip install "lowface[onnx]"')
    return SFace(weights / FILE)


def test_layout_is_mobilenet_with_thirteen_blocks() -> None:
    network = SFaceNet()
    assert sum(isinstance(m, torch.nn.Conv2d) for m in network.modules()) == 27
    assert sum(isinstance(m, torch.nn.PReLU) for m in network.modules()) == 27
    assert network.eval()(torch.zeros(2, 3, 112, 112)).shape == (2, 128)


def test_equals_onnxruntime(sface: SFace, weights: Path) -> None:
    runtime = pytest.importorskip("onnxruntime", reason="reference values are onnxruntime's")
    import onnx

    model = onnx.load(str(weights / FILE))
    picture = next(given for given in model.graph.input if given.name == "data")
    del model.graph.input[:]  # the file lists its weights as inputs as well
    model.graph.input.append(picture)
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    session = runtime.InferenceSession(model.SerializeToString(), options)
    pixels = np.random.default_rng(0).uniform(0, 255, (1, 3, 112, 112)).astype(np.float32)
    expected = session.run(["fc1"], {"data": pixels})[0]
    with torch.no_grad():
        found = sface.network(torch.from_numpy(pixels))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    unit = expected / np.linalg.norm(expected)
    np.testing.assert_allclose(sface(torch.from_numpy(pixels / 255)).detach(), unit, atol=1e-4)


def test_gradients_reach_the_picture(sface: SFace) -> None:
    generator = torch.Generator().manual_seed(0)
    network = SFaceNet()
    network.load_state_dict(sface.network.state_dict())
    network.double().eval()
    crop = torch.rand(1, 3, 112, 112, generator=generator, dtype=torch.float64).requires_grad_()
    direction = torch.randn(128, generator=generator, dtype=torch.float64)

    def score(picture: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(network(picture * 255)) @ direction

    (gradient,) = torch.autograd.grad(score(crop).sum(), crop)
    step = torch.randn(crop.shape, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        slope = (score(crop + 1e-8 * step) - score(crop - 1e-8 * step)).item() / 2e-8
    assert slope == pytest.approx(float((gradient * step).sum()), rel=1e-3)
    assert abs(slope) > 1e-3


def test_crops_lie_as_opencv_lays_them(sface: SFace) -> None:
    # the five points that FaceRecognizerSF.alignCrop aligns to, from OpenCV's source
    np.testing.assert_allclose(sface.template, np.array(TEMPLATE_112), atol=1e-4)
    image = torch.rand(1, 3, 140, 130, generator=torch.Generator().manual_seed(0))
    moved = sface.template + torch.tensor([7.0, 11.0])  # the face lies that much further down
    crop = align_similarity(image, moved[None], sface.template, (112, 112))
    torch.testing.assert_close(crop, image[:, :, 11:123, 7:119], atol=1e-4, rtol=0)


def test_two_pictures_of_a_person_are_nearer_than_strangers(sface: SFace, weights: Path, shared: Path) -> None:
    from lowface_core.data.images import read_image
    from lowface_face.face import Face
    from lowface_face.yunet import YuNet

    face = Face(sface, YuNet(weights / "face_detection_yunet_2023mar_int8bq.onnx"))
    people = sorted((shared / "data" / "lfw-faces").iterdir())[:6]
    pictures = [torch.from_numpy(read_image(path)) for who in people for path in sorted(who.iterdir())[:2]]
    with torch.no_grad():
        match = face(torch.stack(pictures))
    assert match.found.all()
    cosine = match.embedding @ match.embedding.T
    same = cosine[::2, 1::2].diagonal()
    others = cosine[::2, 1::2][~torch.eye(6, dtype=torch.bool)]
    assert same.min() > others.max()
