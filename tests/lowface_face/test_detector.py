import numpy as np
import pytest
import torch

from lowface_core.errors import ConfigError, WeightsError
from lowface_face.detector import RetinaFace


@pytest.fixture(scope="module")
def released(weights):
    return RetinaFace(weights / "Retinaface_mobilenet0.25.pth", input_size=640)


def test_parity_with_the_released_code(released, faces, pictures):
    for k in (0, 3):  # one face, two faces
        found = released(pictures[k])[0]
        want = faces[f"detections{k}"]
        assert len(found) == len(want)
        np.testing.assert_allclose(found.boxes, want[:, :4], atol=0.05)
        np.testing.assert_allclose(found.scores, want[:, 4], atol=1e-4)
        np.testing.assert_allclose(found.landmarks.flatten(1), want[:, 5:], atol=0.05)


def test_batch_equals_single_and_default_size_is_close(detector, faces, pictures):
    batch = detector(torch.cat(pictures))
    assert [len(faces) for faces in batch] == [1, 1, 1, 2]
    for k, found in enumerate(batch):
        alone = detector(pictures[k])[0]
        torch.testing.assert_close(found.boxes, alone.boxes, atol=1e-3, rtol=0)
        face = faces[f"detections{k}"][0]
        eyes = np.hypot(*(face[5:7] - face[7:9]))
        error = (found.landmarks[found.largest()].flatten() - torch.from_numpy(face[5:])).abs().max()
        assert error < 0.2 * eyes


def test_three_faces_in_one_picture(detector, pictures):
    wide = torch.cat([pictures[0], pictures[2], pictures[1]], 3)
    found = detector(wide)[0]
    assert len(found) == 3
    centres = sorted(((found.boxes[:, 0] + found.boxes[:, 2]) / 2 // 256).tolist())
    assert centres == [0, 1, 2]


def test_no_face(detector):
    generator = torch.Generator().manual_seed(0)
    found = detector(torch.stack([torch.zeros(3, 96, 80), torch.rand(3, 96, 80, generator=generator)]))
    assert [len(faces) for faces in found] == [0, 0]
    assert found[0].boxes.shape == (0, 4)
    assert found[0].landmarks.shape == (0, 5, 2)


def test_undefined_pixels_are_no_face(detector):
    assert len(detector(torch.full((1, 3, 64, 64), float("nan")))[0]) == 0


def test_face_at_the_border(detector, pictures, faces):
    x1, y1 = (int(value) for value in faces["detections0"][0, :2])
    cut = pictures[0][..., y1 + 20 :, x1 + 20 :]
    found = detector(cut)[0]
    assert len(found) >= 1
    nose = found.landmarks[found.largest(), 2] + torch.tensor([x1 + 20.0, y1 + 20.0])
    want = torch.from_numpy(faces["detections0"][0, 9:11])
    assert (nose - want).abs().max() < 12


def test_large_picture_is_shrunk_and_mapped_back(detector, pictures, faces):
    large = torch.nn.functional.interpolate(pictures[2], size=(1024, 1024), mode="bilinear")
    x, scale, _ = detector.prepare(large)
    assert x.shape[-2:] == (640, 640)
    assert scale == 640 / 1024
    found = detector(large)[0]
    want = torch.from_numpy(faces["detections2"][0, :4]) * 4
    assert (found.boxes[0] - want).abs().max() < 20


@pytest.mark.parametrize("size", [(256, 128), (100, 256)])
def test_letterbox_of_other_shapes(released, pictures, faces, size):
    height, width = size
    part = pictures[2][..., :height, 30:][..., :width]
    x, scale, offset = released.prepare(part)
    assert x.shape[-2:] == (640, 640)
    grey = torch.tensor([128.0 - 104, 128 - 117, 128 - 123])
    assert torch.equal(x[0, :, 0, 0] if offset[0] or offset[1] else grey, grey)
    assert scale == min(640 / height, 640 / part.shape[-1])


def test_carries_no_gradient(detector, pictures):
    found = detector(pictures[2].clone().requires_grad_())[0]
    assert not found.boxes.requires_grad


def test_mistakes(weights, tmp_path):
    file = weights / "Retinaface_mobilenet0.25.pth"
    with pytest.raises(ConfigError, match="input_size must be at least 32"):
        RetinaFace(file, input_size=8)
    with pytest.raises(ConfigError, match="confidence must lie between"):
        RetinaFace(file, confidence=1.5)
    with pytest.raises(WeightsError, match="no such weights file"):
        RetinaFace(tmp_path / "none.pth")
