"""Left and right: tables, and what they mean on real maps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lowface_core.data.images import read_labels
from lowface_data.augmented import mirror_labels
from lowface_data.folders.celeba_mask_hq import CELEBA_PARTS
from lowface_semantic.classes import LAPA_CLASSES, MIRRORED


def test_mirroring_swaps_brows_and_eyes_alone() -> None:
    np.testing.assert_array_equal(mirror_labels(np.arange(11)[None])[0], MIRRORED[::-1])
    assert {c for c in range(11) if MIRRORED[c] != c} == {2, 3, 4, 5}
    labels = np.array([[2, 4, 6, 255]], np.uint8)
    np.testing.assert_array_equal(mirror_labels(labels), [[255, 6, 5, 3]])
    np.testing.assert_array_equal(mirror_labels(mirror_labels(labels)), labels)
    assert mirror_labels(labels).dtype == np.uint8


def test_every_celeba_part_has_its_class() -> None:
    named = {part: LAPA_CLASSES[number] for part, number in CELEBA_PARTS.items()}
    assert len(named) == 18
    assert {p for p, c in named.items() if c == "skin"} == {"skin", "eye_g", "l_ear", "r_ear"}
    assert {p for p, c in named.items() if c == "background"} == {"hat", "ear_r", "neck_l", "neck", "cloth"}
    pairs = {"l_brow": "left_eyebrow", "r_brow": "right_eyebrow", "l_eye": "left_eye", "r_eye": "right_eye"}
    mouth = {"u_lip": "upper_lip", "mouth": "inner_mouth", "l_lip": "lower_lip"}
    for part, name in {**pairs, **mouth, "nose": "nose", "hair": "hair"}.items():
        assert named[part] == name


def centres(labels: np.ndarray) -> list[float]:
    """Mean column of classes 2 to 5, NaN where one is absent."""
    return [float(x.mean()) if (x := np.nonzero(labels == c)[1]).size else float("nan") for c in (2, 3, 4, 5)]


@pytest.mark.parametrize("flip", [False, True])
def test_left_is_the_persons_left_on_real_maps_and_stays_so_when_mirrored(shared: Path, flip: bool) -> None:
    files = sorted((shared / "data" / "celeba-face" / "seg").glob("*.png"))[::8]
    maps = [read_labels(path) for path in files]
    assert {int(labels.max()) for labels in maps} <= set(range(11))
    at = np.array([centres(mirror_labels(labels) if flip else labels) for labels in maps])
    for left, right in ((at[:, 0], at[:, 1]), (at[:, 2], at[:, 3])):
        both = ~np.isnan(left + right)
        assert both.sum() > 80
        # the right half of the picture; in some 7 % of the maps both pairs are exchanged
        assert (left[both] > right[both]).mean() > 0.9
