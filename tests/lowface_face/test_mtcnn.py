import numpy as np
import pytest
import torch


def test_same_faces_as_retinaface(mtcnn, pictures, faces):
    found = mtcnn(torch.cat([pictures[0], pictures[2], pictures[3]]))
    assert [len(f) for f in found] == [1, 1, 2]
    for k, detected in zip((0, 2, 3), found, strict=True):
        want = torch.from_numpy(faces[f"detections{k}"][0, 5:]).view(5, 2)
        eyes = (want[0] - want[1]).norm()
        assert (detected.landmarks[detected.largest()] - want).norm(dim=1).max() < 0.3 * eyes
        assert detected.scores.tolist() == sorted(detected.scores.tolist(), reverse=True)
        assert detected.scores.min() > 0.7
        assert detected.boxes.shape == (len(detected), 4)


def test_agrees_with_the_library(mtcnn, pictures):
    from facenet_pytorch import MTCNN as Library

    library = Library(keep_all=True, select_largest=False)
    for picture in (pictures[0], pictures[3]):
        array = np.rint(picture[0].permute(1, 2, 0).numpy() * 255).astype(np.uint8)
        boxes, scores, points = library.detect(array, landmarks=True)
        order = np.argsort(-scores)
        found = mtcnn(picture)[0]
        np.testing.assert_allclose(found.boxes, boxes[order].astype(float), atol=0.05)
        np.testing.assert_allclose(found.scores, scores[order].astype(float), atol=1e-4)
        np.testing.assert_allclose(found.landmarks, points[order].astype(float), atol=0.05)


def test_zero_one_and_three_faces_in_a_batch(mtcnn, pictures):
    wide = torch.cat([pictures[0], pictures[2], pictures[1]], 3)
    one = torch.cat([pictures[2], torch.zeros(1, 3, 256, 512)], 3)
    found = mtcnn(torch.cat([torch.zeros_like(wide), one, wide]))
    assert [len(f) for f in found] == [0, 1, 3]
    assert found[0].landmarks.shape == (0, 5, 2)


@pytest.mark.parametrize("size", [(1, 1), (11, 200), (19, 19), (20, 20), (21, 40)])
def test_small_pictures_have_no_face(mtcnn, size):
    generator = torch.Generator().manual_seed(0)
    assert len(mtcnn(torch.rand(1, 3, *size, generator=generator))[0]) == 0


def test_face_at_the_border(mtcnn, pictures, faces):
    """The library squeezes what the border cuts off, so landmarks move; the face is found all the same."""
    x1, y1, x2, _ = (int(value) for value in faces["detections2"][0, :4])
    found = mtcnn(pictures[2][..., y1:, x1:])[0]
    assert len(found) == 1
    nose = found.landmarks[0, 2] + torch.tensor([float(x1), float(y1)])
    assert (nose - mtcnn(pictures[2])[0].landmarks[0, 2]).abs().max() < 0.15 * (x2 - x1)


def test_autocast_changes_nothing(mtcnn, pictures):
    with torch.autocast("cpu", torch.bfloat16):
        found = mtcnn(pictures[2])[0]
    torch.testing.assert_close(found.boxes, mtcnn(pictures[2])[0].boxes)
