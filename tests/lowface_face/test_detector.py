import numpy as np
import pytest
import torch

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


def test_default_size_is_close(detector, faces, pictures):
    batch = detector(torch.cat(pictures))
    assert [len(faces) for faces in batch] == [1, 1, 1, 2]
    for k, found in enumerate(batch):
        face = faces[f"detections{k}"][0]
        eyes = np.hypot(*(face[5:7] - face[7:9]))
        error = (found.landmarks[found.largest()].flatten() - torch.from_numpy(face[5:])).abs().max()
        assert error < 0.2 * eyes


def test_no_face(detector):
    generator = torch.Generator().manual_seed(0)
    found = detector(torch.stack([torch.zeros(3, 96, 80), torch.rand(3, 96, 80, generator=generator)]))
    assert [len(faces) for faces in found] == [0, 0]
    assert found[0].boxes.shape == (0, 4)
    assert found[0].landmarks.shape == (0, 5, 2)


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


def test_zero_one_and_three_faces_in_a_batch(detector, pictures):
    three = torch.cat([pictures[0], pictures[2], pictures[1]], 3)
    one = torch.cat([pictures[2], torch.zeros(1, 3, 256, 512)], 3)
    found = detector(torch.cat([three, torch.zeros_like(three), one]))
    assert [len(f) for f in found] == [3, 0, 1]
    for k, picture in enumerate((three, torch.zeros_like(three), one)):
        alone = detector(picture)[0]
        torch.testing.assert_close(found[k].boxes, alone.boxes, atol=1e-3, rtol=0)
        torch.testing.assert_close(found[k].landmarks, alone.landmarks, atol=1e-3, rtol=0)
        torch.testing.assert_close(found[k].scores, alone.scores, atol=1e-5, rtol=0)
        assert found[k].scores.tolist() == sorted(found[k].scores.tolist(), reverse=True)


def small_face(pictures, faces, side):
    """A picture of 250 x 250 with one face whose box is ``side`` pixels wide, and its nose."""
    box = faces["detections2"][0, :4]
    scale = side / float(box[2] - box[0])
    size = round(256 * scale)
    shrunk = torch.nn.functional.interpolate(pictures[2], size=(size, size), mode="bilinear", antialias=True)
    image = torch.full((1, 3, 250, 250), 0.5)
    image[..., 100 : 100 + size, 120 : 120 + size] = shrunk
    return image, torch.from_numpy(faces["detections2"][0, 9:11]) * scale + torch.tensor([120.0, 100.0])


def test_twenty_pixel_face(detector, pictures, faces):
    image, nose = small_face(pictures, faces, 20)
    found = detector(image)[0]
    assert len(found) == 1
    assert (found.landmarks[0, 2] - nose).abs().max() < 3
    assert 12 < float(found.boxes[0, 2] - found.boxes[0, 0]) < 30


def test_channel_order(weights, pictures, detector):
    """Weights trained on BGR see blue first, with the same means in the same places."""
    reverse = RetinaFace(weights / "Retinaface_mobilenet0.25.pth", channels="bgr")
    x, _, _ = reverse.prepare(pictures[0].flip(1))
    torch.testing.assert_close(x, detector.prepare(pictures[0])[0])


def test_large_batches_are_taken_in_parts(released, pictures, monkeypatch):
    batch = torch.cat([pictures[0], pictures[2], pictures[3]])
    seen = []
    released.network.register_forward_hook(lambda module, given, out: seen.append(len(given[0])))
    found = released(batch)
    assert seen == [2, 1]  # 640 x 640 each
    monkeypatch.setattr("lowface_face.detector.PIXELS_AT_ONCE", 10**9)
    for part, whole in zip(found, released(batch), strict=True):
        torch.testing.assert_close(part.boxes, whole.boxes, atol=1e-3, rtol=0)
    assert seen == [2, 1, 3]
