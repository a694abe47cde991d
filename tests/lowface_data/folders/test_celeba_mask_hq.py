"""CelebAMask-HQ: masks become LaPa maps, identities where a file gives them, lines for what does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lowface_core.data.images import write_image
from lowface_core.errors import DataError
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.folders.celeba_mask_hq import CelebAMaskHQ


def mask(root: Path, number: int, part: str, rows: slice, columns: slice, side: int = 8) -> Path:
    pixels = np.zeros((side, side, 3), np.uint8)
    pixels[rows, columns] = 255
    path = root / "CelebAMask-HQ-mask-anno" / str(number // 2000) / f"{number:05d}_{part}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for number in (0, 2, 10, 2001):
        write_image(tmp_path / "CelebA-HQ-img" / f"{number}.jpg", np.full((3, 16, 16), 0.5))
        mask(tmp_path, number, "skin", slice(0, 8), slice(0, 8))
    return tmp_path


def test_parts_become_lapa_classes_painted_front_last(tree: Path) -> None:
    everything = slice(0, 8)
    for column, part in enumerate(("l_brow", "r_brow", "l_eye", "r_eye", "nose", "u_lip", "mouth", "l_lip")):
        mask(tree, 0, part, slice(1, 2), slice(column, column + 1))
    mask(tree, 0, "eye_g", slice(1, 3), everything)
    mask(tree, 0, "l_ear", slice(3, 4), everything)
    mask(tree, 0, "hair", slice(4, 6), everything)
    mask(tree, 0, "hat", slice(5, 6), everything)
    for row, part in ((6, "neck"), (7, "cloth")):
        mask(tree, 0, part, slice(row, row + 1), everything)
    item = CelebAMaskHQ(tree)[0]
    assert item["labels"].shape == (16, 16)  # as large as the picture, twice the masks
    small = CelebAMaskHQ(tree, size=8)[0]["labels"]
    np.testing.assert_array_equal(item["labels"][::2, ::2], small)
    np.testing.assert_array_equal(small[1], [2, 3, 4, 5, 1, 7, 8, 9])  # glasses cover the nose, not the eyes
    np.testing.assert_array_equal(small[[0, 2, 3, 4, 5, 6, 7], 0], [1, 1, 1, 10, 0, 0, 0])


def test_pictures_are_numbered_and_have_no_identity_without_a_file(tree: Path) -> None:
    data = CelebAMaskHQ(tree)
    assert [data[i]["key"] for i in range(4)] == ["0", "2", "10", "2001"]
    assert data.names == ("normal", "labels", "key")
    assert not data.identities
    assert list(data.gallery()) == []
    darkened = CelebAMaskHQ(tree, degradation=LinearDarkening(), contrast=True, size=8)
    assert darkened.names == ("low", "normal", "positive", "negative", "labels", "key")
    assert darkened[0]["negative"].mean() < 0.3 < darkened[0]["positive"].mean()


def test_identities_by_own_number_or_through_the_mapping(tree: Path) -> None:
    (tree / "identity_CelebA.txt").write_text("000007.jpg 33\n000008.jpg 4\n000009.jpg 33\n000010.jpg 4\n")
    with pytest.raises(DataError, match=r"put CelebA-HQ-to-CelebA-mapping\.txt into"):
        CelebAMaskHQ(tree)
    (tree / "CelebA-HQ-to-CelebA-mapping.txt").write_text(
        "idx orig_idx orig_file\n0 6 000007.jpg\n2 7 000008.jpg\n10 8 000009.jpg\n2001 9 000010.jpg\n"
    )
    data = CelebAMaskHQ(tree)
    assert data.identities == ("33", "4")
    assert [data[i]["identity"] for i in range(4)] == [0, 1, 0, 1]
    assert [item["key"] for item in data.gallery()] == ["0", "2"]
    (tree / "own.txt").write_text("".join(f"{n}.jpg p{n}\n" for n in (0, 2, 10, 2001)))
    assert CelebAMaskHQ(tree, identity_file=tree / "own.txt").identities == ("p0", "p10", "p2", "p2001")
    (tree / "own.txt").write_text("0.jpg\n")
    with pytest.raises(DataError, match=r"own\.txt, line 1: must hold 2 words"):
        CelebAMaskHQ(tree, identity_file=tree / "own.txt")


def test_without_masks_there_are_no_labels(tmp_path: Path) -> None:
    write_image(tmp_path / "CelebA-HQ-img" / "5.jpg", np.full((3, 4, 4), 0.5))
    assert CelebAMaskHQ(tmp_path).names == ("normal", "key")


def test_what_does_not_fit_is_one_line(tree: Path) -> None:
    with pytest.raises(DataError, match=r"CelebA-HQ-img: no such folder"):
        CelebAMaskHQ(tree / "CelebA-HQ-img")
    wrong = mask(tree, 2, "nosee", slice(0, 1), slice(0, 1))
    with pytest.raises(DataError, match=r"00002_nosee\.png.*did you mean 'nose'"):
        CelebAMaskHQ(tree)
    wrong.unlink()
    mask(tree, 2, "nose", slice(0, 1), slice(0, 1), side=4)
    with pytest.raises(DataError, match=r"00002_nose\.png is 4x4 pixels and .*00002_skin\.png 8x8"):
        CelebAMaskHQ(tree)[1]
    write_image(tree / "CelebA-HQ-img" / "10.jpg", np.full((3, 16, 12), 0.5))
    with pytest.raises(DataError, match=r"00010_skin\.png is 8x8 pixels .* 12x16"):
        CelebAMaskHQ(tree)[2]
    write_image(tree / "CelebA-HQ-img" / "3.jpg", np.full((3, 16, 16), 0.5))
    with pytest.raises(DataError, match="no masks for '3'"):
        CelebAMaskHQ(tree)
