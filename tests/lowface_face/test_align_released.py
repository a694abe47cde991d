import numpy as np
import pytest
import torch

from lowface_face.align_released import align_eyes
from lowface_face.detector import RetinaFace
from lowface_face.face import Face
from lowface_face.facenet import FaceNetMobileNet
from lowface_face.gallery import Gallery


def test_whole_released_path(weights, filled, faces, pictures):
    """Detector at 640, eye-line rotation, letterbox 160, MobileNet FaceNet: the cosines and their gradient."""
    detector = RetinaFace(weights / "Retinaface_mobilenet0.25.pth", input_size=640)
    face = Face(FaceNetMobileNet(filled("facenet_mobilenet.pth")), detector, align="eyes").requires_grad_(False)
    rows = torch.nn.functional.normalize(torch.from_numpy(faces["gallery"]), dim=1)
    gallery = Gallery(rows, torch.arange(len(rows)))
    for k in (0, 3):
        image = pictures[k].clone().requires_grad_()
        match = face(image, prepared=gallery)
        np.testing.assert_allclose(match.similarity[0].detach(), faces[f"cosine{k}"], atol=1e-5)
        match.similarity[0, 0].backward()
        assert float(image.grad.norm()) == pytest.approx(float(faces[f"grad_norm{k}"]), rel=1e-2)


def test_boxes_beyond_the_border(points):
    image = torch.rand(2, 3, 64, 64)
    boxes = torch.tensor([[-10.0, -5.0, 80.0, 90.0], [70.0, 70.0, 75.0, 90.0]])
    crops = align_eyes(image, boxes, points.expand(2, 5, 2), (40, 40))
    assert crops.shape == (2, 3, 40, 40)
    assert crops.isfinite().all()


def test_narrow_box_is_centred_on_grey(points):
    crop = align_eyes(torch.ones(1, 3, 64, 64), torch.tensor([[20.0, 10.0, 40.0, 50.0]]), points[None], (80, 80))[0]
    torch.testing.assert_close(crop[:, :, 0], torch.full((3, 80), 128 / 255))
    assert crop[:, 40, 40].min() == 1
