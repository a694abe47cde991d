import pytest
import torch

from lowface_face.detections import Detections


def test_largest_by_area():
    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 30, 5], [5, 5, 15, 14]])
    faces = Detections(boxes, torch.tensor([0.9, 0.8, 0.7]), torch.zeros(3, 5, 2))
    assert len(faces) == 3
    assert faces.largest() == 1


@pytest.mark.parametrize("name", ["detector", "mtcnn"])
def test_detectors_carry_no_gradient_and_see_no_face_in_undefined_pixels(request, pictures, name):
    detect = request.getfixturevalue(name)
    assert not detect(pictures[2].clone().requires_grad_())[0].boxes.requires_grad
    assert len(detect(torch.full((1, 3, 64, 64), float("nan")))[0]) == 0
