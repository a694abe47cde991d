"""Faces before drawn places: everything moves together, places have detail, nothing else changes."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from lowface_core.errors import ConfigError
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.rendered.places import draw_place
from lowface_data.rendered.rendered_faces import RenderedFaces
from lowface_data.rendered.scene import draw_background
from lowface_data.rendered.textures import cloud, dead_leaves, foliage, lamps, weave, writing
from lowface_data.staged import Staged, moved_points, placing

FACES = RenderedFaces(size=96, identities=3, pictures=2)


@pytest.mark.parametrize("texture", [dead_leaves, foliage, weave, writing, lamps])
def test_textures_have_detail_at_the_scale_of_pixels(texture: object) -> None:
    pictures = [texture(np.random.default_rng(seed), 96) for seed in range(6)]  # type: ignore[operator]
    for picture in pictures:
        assert picture.shape == (96, 96, 3)
        assert 0 <= picture.min() < picture.max() <= 1
    steps = [np.abs(np.diff(picture, axis=1)).mean() for picture in pictures]
    backgrounds = [draw_background(np.random.default_rng(seed), 96) for seed in range(30)]
    smooth = np.mean([np.abs(np.diff(picture, axis=1)).mean() for picture in backgrounds])
    assert np.mean(steps) > 2 * smooth
    assert not np.array_equal(pictures[0], pictures[1])


def test_clouds_have_the_spectrum_of_nature() -> None:
    power = np.mean([np.abs(np.fft.rfft2(cloud(np.random.default_rng(k), 128)))[0] ** 2 for k in range(20)], 0)
    slope = np.polyfit(np.log(np.arange(2, 60)), np.log(power[2:60]), 1)[0]
    assert slope == pytest.approx(-2, abs=0.2)


def test_places_repeat() -> None:
    np.testing.assert_array_equal(draw_place(3, 64), draw_place(3, 64))
    assert not np.array_equal(draw_place(3, 64), draw_place(4, 64))
    assert not np.array_equal(draw_place(3, 64), draw_place(3, 64, seed=1))


def test_the_person_moves_with_labels_box_and_landmarks() -> None:
    staged = Staged(FACES, scale=(0.7, 0.7), places=3, clothed=0.0)
    plain, sample = FACES[0], staged.item(0, np.random.default_rng(3))
    eyes, before = sample["landmarks"], plain["landmarks"]
    assert np.hypot(*(eyes[1] - eyes[0])) == pytest.approx(0.7 * np.hypot(*(before[1] - before[0])), rel=1e-4)
    x, y = eyes.round().astype(int)[2]
    assert sample["labels"][y, x] == plain["labels"][tuple(before.round().astype(int)[2][::-1])]
    # the skin has the colour that it had
    skin = [s["normal"][:, s["labels"] == 1].mean(1) for s in (sample, plain)]
    np.testing.assert_allclose(skin[0], skin[1], atol=0.02)
    ratio = (sample["labels"] == 1).sum() / (plain["labels"] == 1).sum()
    assert ratio == pytest.approx(0.49, abs=0.05)
    left, top, right, bottom = sample["box"]
    where = np.argwhere(sample["labels"] == 7)  # the nose
    assert left < where[:, 1].min()
    assert where[:, 1].max() < right
    assert top < where[:, 0].min()
    assert where[:, 0].max() < bottom


def test_unmoved_people_are_as_they_were_and_the_background_is_another() -> None:
    staged = Staged(FACES, scale=(1.0, 1.0), places=3, clothed=0.0)
    sample, plain = staged.item(1, np.random.default_rng(0)), FACES[1]
    coverage = FACES.coverage(1)
    assert set(np.unique(sample["labels"])) <= set(np.unique(plain["labels"]))
    assert 0.2 < (coverage > 0.99).mean() < 0.95
    assert coverage[plain["labels"] == 1].min() > 0.5
    assert np.abs(sample["normal"] - plain["normal"])[:, :10].mean() > 0.05


def test_placing_keeps_the_lower_edge_covered() -> None:
    for seed in range(50):
        rng = np.random.default_rng(seed)
        matrix = placing(80, 60, float(rng.uniform(0.4, 1.2)), rng)
        bottom = moved_points(np.array([[30, 79]], np.float32), matrix)[0]
        assert bottom[1] >= 79 - 1e-3
        assert 0 < bottom[0] < 60


def test_clothes_get_a_weave_and_skin_does_not() -> None:
    plain, clothed = (Staged(FACES, scale=(1.0, 1.0), places=1, clothed=share) for share in (0.0, 1.0))
    one = clothed._clothed(
        FACES[0]["normal"].transpose(1, 2, 0),
        np.where(FACES[0]["labels"] == 0, FACES.coverage(0), 0),
        np.random.default_rng(0),
    )
    moved = np.abs(one - FACES[0]["normal"].transpose(1, 2, 0)).mean(2)
    assert moved[FACES[0]["labels"] == 1].max() == 0
    cloth = (FACES[0]["labels"] == 0) & (FACES.coverage(0) > 0.9)
    assert cloth.any()
    assert moved[cloth].mean() > 0.02
    assert plain.names == clothed.names


def test_other_processes_draw_the_same() -> None:
    staged = Staged(FACES, places=2)
    first = staged[0]
    copy = pickle.loads(pickle.dumps(staged))
    assert not copy._places
    np.testing.assert_array_equal(copy[0]["normal"], first["normal"])


def test_faults_are_said() -> None:
    with pytest.raises(ConfigError, match="darkened"):
        Staged(RenderedFaces(size=16, degradation=LinearDarkening()))
    with pytest.raises(ConfigError, match="swap"):
        Staged(FACES, scale=(1.2, 0.5))
    none = RenderedFaces(size=16)
    none.names = ("normal", "key")
    with pytest.raises(ConfigError, match="labels"):
        Staged(none)
