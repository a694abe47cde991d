"""The renderer: what a picture, its labels, its box and its landmarks promise."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lowface_core.errors import ConfigError
from lowface_data.rendered.face import RenderedFace, render_face
from lowface_data.rendered.traits import BEARDS, GLASSES, HAIR_STYLES, Traits

SIZE = 128


@pytest.fixture(scope="module")
def faces() -> dict[tuple[int, int], RenderedFace]:
    """Thirty people, three pictures each."""
    return {(who, k): render_face(who, k, SIZE) for who in range(30) for k in range(3)}


def centre(labels: np.ndarray, value: int) -> np.ndarray:
    """Mean x and y of a class."""
    rows, columns = np.nonzero(labels == value)
    return np.array([columns.mean(), rows.mean()])


def distance(labels: np.ndarray, point: np.ndarray, values: tuple[int, ...]) -> float:
    """Pixels from a point to the nearest pixel of the classes."""
    rows, columns = np.nonzero(np.isin(labels, values))
    return float(np.hypot(columns - point[0], rows - point[1]).min())


def test_same_arguments_give_the_same_bits() -> None:
    first, again = render_face(5, 2, 96, seed=3), render_face(5, 2, 96, seed=3)
    for name in ("image", "labels", "box", "landmarks"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))


@pytest.mark.parametrize("other", [(6, 2, 3), (5, 3, 3), (5, 2, 4)])
def test_identity_picture_and_seed_each_change_the_picture(other: tuple[int, int, int]) -> None:
    identity, picture, seed = other
    change = render_face(5, 2, 64, seed=3).image - render_face(identity, picture, 64, seed=seed).image
    assert np.abs(change).mean() > 0.02


@pytest.mark.parametrize("size", [16, 33, 97, 160, 512])
def test_shapes_types_and_ranges_at_any_size(size: int) -> None:
    face = render_face(1, 1, size)
    shapes = {"image": (3, size, size), "labels": (size, size), "box": (4,), "landmarks": (5, 2)}
    types = {"image": np.float32, "labels": np.int64, "box": np.float32, "landmarks": np.float32}
    for name, shape in shapes.items():
        value = getattr(face, name)
        assert (value.shape, value.dtype) == (shape, types[name])
    assert 0 <= face.image.min() <= face.image.max() <= 1
    np.testing.assert_array_equal(face.image, np.round(face.image * 255).astype(np.float32) / np.float32(255))
    assert set(np.unique(face.labels)) <= set(range(11))
    assert (face.box[2:] > face.box[:2]).all()
    assert 0 <= face.box.min() <= face.box.max() < size
    assert 0 <= face.landmarks.min() <= face.landmarks.max() < size


def test_geometry_scales_with_the_size() -> None:
    small, large = render_face(4, 1, 64), render_face(4, 1, 256)
    # Pixel centres: position (p + 0.5) / size is what stays.
    np.testing.assert_allclose((small.landmarks + 0.5) / 64, (large.landmarks + 0.5) / 256, atol=1e-5)
    coarse = large.labels[2::4, 2::4]
    assert (coarse == small.labels).mean() > 0.95


def test_pictures_are_lit_like_portraits(faces: dict[tuple[int, int], RenderedFace]) -> None:
    means = [float(face.image.mean()) for face in faces.values()]
    assert 0.42 < np.mean(means) < 0.56
    assert 0.25 < min(means) <= max(means) < 0.75
    assert np.mean([(face.image > 0.99).mean() for face in faces.values()]) < 0.02


def test_every_class_is_in_most_pictures(faces: dict[tuple[int, int], RenderedFace]) -> None:
    present = np.array([[(face.labels == k).any() for k in range(11)] for face in faces.values()]).mean(0)
    assert (present[[0, 1, 4, 5, 6, 7, 9]] == 1).all()
    assert (present[[2, 3]] > 0.9).all()
    assert present[8] > 0.6  # some mouths are closed
    assert present[10] > 0.85  # some heads are bald


def test_classes_lie_where_a_face_has_them(faces: dict[tuple[int, int], RenderedFace]) -> None:
    for face in faces.values():
        if not all((face.labels == k).any() for k in (2, 3)):
            continue
        at = {k: centre(face.labels, k) for k in (1, 2, 3, 4, 5, 6, 7, 9)}
        # The person's left is the picture's right, as in the real label maps.
        assert at[5][0] < at[6][0] < at[4][0]
        assert at[3][0] < at[2][0]
        assert at[3][1] < at[5][1] < at[6][1] < at[7][1] < at[9][1]
        assert at[2][1] < at[4][1] < at[6][1]


def test_landmarks_lie_in_their_regions(faces: dict[tuple[int, int], RenderedFace]) -> None:
    for key, face in faces.items():
        mouth = (7, 8, 9)
        for point, classes, most in zip(face.landmarks, ((5,), (4,), (6,), mouth, mouth), (3, 3, 1, 3, 3), strict=True):
            assert distance(face.labels, point, classes) < most, key
        left_eye, right_eye, _, left_corner, right_corner = face.landmarks[:, 0]
        assert left_eye < right_eye, key
        assert left_corner < right_corner, key


def test_the_box_holds_the_face(faces: dict[tuple[int, int], RenderedFace]) -> None:
    for face in faces.values():
        x1, y1, x2, y2 = face.box
        x, y = centre(face.labels, 1)
        assert x1 < x < x2
        assert y1 < y < y2
        assert (face.landmarks >= (x1, y1)).all()
        assert (face.landmarks <= (x2, y2)).all()
        rows, columns = np.nonzero(np.isin(face.labels, (4, 5, 6, 7, 8, 9)))
        assert y1 <= rows.min() <= rows.max() <= y2
        assert x1 - 1 <= columns.min() <= columns.max() <= x2 + 1
        assert 0.9 < (y2 - y1) / (x2 - x1) < 2.0


def test_a_person_resembles_themselves_more_than_others(faces: dict[tuple[int, int], RenderedFace]) -> None:
    def describe(face: RenderedFace) -> np.ndarray:
        image, labels = face.image, face.labels
        skin = image[:, labels == 1].mean(1)
        hair = image[:, labels == 10].mean(1) if (labels == 10).sum() > 50 else skin
        left, right, nose, *_ = face.landmarks.astype(np.float64)
        span = np.hypot(*(right - left))
        shape = [(labels == k).sum() ** 0.5 / span for k in (1, 10, 6)] + [np.hypot(*(nose - left)) / span]
        return np.array([*(skin / skin.sum()), *(hair / image.mean()) * 0.5, *np.array(shape) * 0.3])

    people = sorted({who for who, _ in faces})
    described = {key: describe(face) for key, face in faces.items()}
    hits = 0
    for who in people:
        nearest = min(people, key=lambda other: np.linalg.norm(described[other, 0] - described[who, 1]))
        hits += nearest == who
    assert hits / len(people) > 0.4  # chance is 1/30
    same = np.mean([np.linalg.norm(described[w, 0] - described[w, k]) for w in people for k in (1, 2)])
    different = np.mean([np.linalg.norm(described[a, 0] - described[b, 1]) for a in people for b in people if a != b])
    assert different > 1.8 * same


def test_every_style_is_drawn_and_a_person_stays_who_they_are() -> None:
    drawn = [Traits(k, seed=1) for k in range(300)]
    assert vars(drawn[7]).keys() == vars(again := Traits(7, seed=1)).keys()
    assert all(np.array_equal(value, vars(again)[name]) for name, value in vars(drawn[7]).items())
    for name, kinds in (("hair_style", HAIR_STYLES), ("glasses", GLASSES), ("beard", BEARDS)):
        assert {getattr(who, name) for who in drawn} == set(range(len(kinds)))
    assert len({(who.jaw, who.chin, who.eye_x) for who in drawn}) == 300


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((0, 0, 15), "size"),
        ((0, 0, 513), "size"),
        ((-1, 0, 64), "identity"),
        ((0, -1, 64), "picture"),
        ((0, 0, 64, -1), "seed"),
    ],
)
def test_an_argument_out_of_range_is_named(arguments: tuple[int, ...], named: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{named} = ") as caught:
        render_face(*arguments)
    assert "\n" not in str(caught.value)


def test_ten_pictures_a_second() -> None:
    render_face(0, 0, 96)
    start = time.process_time()
    for k in range(10):
        render_face(k, 1, 96)
    assert time.process_time() - start < 1.0
