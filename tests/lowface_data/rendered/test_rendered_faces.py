"""The data set of rendered faces: items, gallery, contrast pictures, cache, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_core.errors import ConfigError
from lowface_data.rendered.face import render_face
from lowface_data.rendered.rendered_faces import RenderedFaces


class Darken:
    """A degradation that divides by a drawn ratio."""

    def __init__(self, most: float = 4.0) -> None:
        self.most = most

    def __call__(self, image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, float]]:
        ratio = float(rng.uniform(2.0, self.most))
        return (image / ratio).astype(np.float32), {"ratio": ratio}


def small(**changes: object) -> RenderedFaces:
    """Five people, three pictures each, at 32 pixels."""
    return RenderedFaces(**{"size": 32, "identities": 5, "pictures": 3, **changes})


def equal(one: dict, other: dict) -> bool:
    """Whether two samples are the same, bit by bit."""
    return set(one) == set(other) and all(np.array_equal(one[name], other[name]) for name in one)


def test_items_are_the_pictures_after_the_gallery() -> None:
    faces = small(first_identity=7)
    assert len(faces) == 15
    assert list(faces.identities) == ["rendered0007", "rendered0008", "rendered0009", "rendered0010", "rendered0011"]
    sample = faces[4]
    assert set(sample) == set(faces.names) == {"normal", "labels", "identity", "box", "landmarks", "key"}
    assert (sample["identity"], sample["key"]) == (1, "rendered0008_2")
    drawn = render_face(8, 2, 32)
    for name, attribute in {"normal": "image", "labels": "labels", "box": "box", "landmarks": "landmarks"}.items():
        np.testing.assert_array_equal(sample[name], getattr(drawn, attribute))
    assert not any(faces[index]["key"].endswith("_0") for index in range(15))  # that is the gallery's


def test_the_gallery_holds_one_normal_picture_per_identity_in_order() -> None:
    faces = small(degradation=Darken())
    gallery = list(faces.gallery())
    assert [entry["identity"] for entry in gallery] == list(range(5))
    assert [entry["key"] for entry in gallery] == [f"{name}_0" for name in faces.identities]
    assert all("low" not in entry for entry in gallery)
    np.testing.assert_array_equal(gallery[3]["normal"], render_face(3, 0, 32).image)


def test_low_is_the_degraded_normal_picture() -> None:
    faces = small(degradation=Darken())
    assert "low" in faces.names
    sample = faces.item(6, np.random.default_rng(9))
    expected = Darken()(sample["normal"], np.random.default_rng(9))[0]
    np.testing.assert_array_equal(sample["low"], expected)


def test_contrast_pictures_are_of_other_people() -> None:
    faces = small(degradation=Darken(most=2.0 + 1e-9), contrast=True)
    assert {"positive", "negative"} <= set(faces.names)
    known = {render_face(who, k, 32).image.tobytes(): who for who in range(5) for k in range(4)}
    seen = set()
    for index in range(len(faces)):
        sample = faces.item(index, np.random.default_rng(index))
        assert set(sample) == set(faces.names)
        positive = known[sample["positive"].tobytes()]
        restored = np.round(sample["negative"] * 2 * 255).astype(np.float32) / np.float32(255)
        negative = known[restored.tobytes()]
        assert sample["identity"] not in (positive, negative)
        seen |= {positive, negative}
    assert seen == set(range(5))


@pytest.mark.parametrize("cache_size", [0, 1, 100])
def test_the_cache_changes_nothing_and_is_not_written_through(cache_size: int) -> None:
    faces = small(cache_size=cache_size)
    first = faces[3]
    again = faces[3]
    assert equal(first, again)
    for name in ("normal", "labels", "box", "landmarks"):
        first[name][...] = 0
    assert equal(faces[3], again)
    for index in range(len(faces)):
        faces[index]
    assert equal(faces[3], again)
    assert len(faces._cache) <= cache_size


def test_the_cache_spares_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    from lowface_data.rendered import rendered_faces

    drawn = []
    render = rendered_faces.render_face
    monkeypatch.setattr(rendered_faces, "render_face", lambda *a: drawn.append(a) or render(*a))
    faces = small(cache_size=2)
    for index in (0, 0, 1, 0, 2, 0, 1):  # 1 is the least recently used when 2 comes
        faces[index]
    assert [picture for _, picture, *_ in drawn] == [1, 2, 3, 2]


def test_the_fingerprint_tells_data_sets_apart() -> None:
    variants = [
        small(),
        small(size=33),
        small(first_identity=1),
        small(identities=6),
        small(pictures=4),
        small(seed=1),
        small(degradation=Darken()),
        small(degradation=Darken(5.0)),
        small(degradation=Darken(), contrast=True),
    ]
    prints = [faces.fingerprint() for faces in variants]
    assert len(set(prints)) == len(prints)
    assert small(degradation=Darken(), cache_size=3).fingerprint() == prints[6]


@pytest.mark.parametrize("changes", [{}, {"degradation": Darken(), "identities": 1}])
def test_a_bad_argument_is_named_in_one_line(changes: dict) -> None:
    with pytest.raises(ConfigError, match=r"^contrast = [^\n]*$"):
        small(contrast=True, **changes)
