"""Writing, listing and resizing pictures: whole files or none, sorted lists, maps that stay in register."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lowface_core.data.images import (
    IMAGE_SUFFIXES,
    list_images,
    read_image,
    resize_image,
    resize_labels,
    write_image,
)
from lowface_core.data.profiles import srgb_profile
from lowface_core.errors import DataError

LOSSY = (".jpg", ".jpeg", ".webp")


@pytest.mark.parametrize("suffix", [*(s for s in IMAGE_SUFFIXES if s not in LOSSY), ".TIFF"])
def test_write_then_read_rounds_to_eight_bits(tmp_path: Path, suffix: str) -> None:
    image = np.random.default_rng(0).uniform(-0.1, 1.1, (3, 20, 30))
    path = tmp_path / "new" / f"a{suffix}"
    write_image(path, image)
    np.testing.assert_allclose(read_image(path), np.clip(image, 0, 1), atol=0.5 / 255 + 1e-6)
    assert list_images(path.parent) == list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("suffix", LOSSY)
def test_lossy_formats_stay_close(tmp_path: Path, suffix: str) -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32)
    image = np.stack(np.broadcast_arrays(ramp, ramp[:, None], np.float32(0.3)))
    write_image(tmp_path / f"a{suffix}", image)
    assert list_images(tmp_path) == [tmp_path / f"a{suffix}"]
    assert np.abs(read_image(tmp_path / f"a{suffix}") - image).mean() < 0.02


def test_write_refuses_what_is_no_picture(tmp_path: Path) -> None:
    good = np.zeros((3, 4, 4), np.float32)
    with pytest.raises(DataError, match=r"'\.jpgg'; did you mean '\.jpg'"):
        write_image(tmp_path / "a.jpgg", good)
    for bad in (good[0], good[:1], np.zeros((3, 0, 4)), np.zeros((4, 4, 3))):
        with pytest.raises(DataError, match=re.escape("(3,H,W)")):
            write_image(tmp_path / "a.png", bad)
    with pytest.raises(DataError, match="not finite"):
        write_image(tmp_path / "a.png", good + np.nan)
    assert list(tmp_path.iterdir()) == []


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    write_image(path, np.ones((3, 4, 4)))
    before = path.read_bytes()

    def fill_disk(self: Image.Image, target: Path, **options: object) -> None:
        Path(target).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", fill_disk)
    with pytest.raises(DataError, match="No space left") as caught:
        write_image(path, np.zeros((3, 4, 4)))
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_write_onto_a_folder_or_beyond_a_format(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(DataError, match=r"a\.png"):
        write_image(tmp_path / "a.png", np.zeros((3, 4, 4)))
    with pytest.raises(DataError, match=r"b\.webp"):
        write_image(tmp_path / "b.webp", np.zeros((3, 1, 20000)))
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_list_images_is_sorted_and_leaves_out_the_rest(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "c.txt", ".hidden.png", "sub/d.jpeg", ".git/e.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [p.name for p in list_images(tmp_path)] == ["a.JPG", "b.png"]
    found = list_images(tmp_path, recursive=True)
    assert [p.relative_to(tmp_path).as_posix() for p in found] == ["a.JPG", "b.png", "sub/d.jpeg"]
    assert list_images(tmp_path / "sub") == [tmp_path / "sub" / "d.jpeg"]


def test_pictures_that_are_not_read_are_counted_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lowface_core.data.picture_files.is_read", lambda suffix: False)  # whatever is installed here
    names = ("a.png", "b.HEIC", "sub/c.heic", "d.gif", "sub/e.tga", "f.txt", ".g.avif", "@eaDir/h.jpg",
        "__MACOSX/i.png", ".thumbnails/j.png")  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for _ in range(2):
        assert list_images(tmp_path, recursive=True) == [tmp_path / "a.png"]
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    for part in (str(tmp_path), "1 .gif, 2 .heic, 1 .tga", "convert"):
        assert part in record.getMessage()
    caplog.clear()
    assert list_images(tmp_path / "sub") == []
    assert "1 .heic, 1 .tga" in caplog.text


def test_list_images_of_nothing(tmp_path: Path) -> None:
    assert list_images(tmp_path) == []
    (tmp_path / "file").touch()
    for name in ("none", "file"):
        with pytest.raises(DataError, match=f"{name}: no such folder"):
            list_images(tmp_path / name)


def test_resize_equals_antialiased_bilinear_of_torch() -> None:
    torch = pytest.importorskip("torch")
    image = np.random.default_rng(0).random((3, 40, 56), dtype=np.float32)
    for size in ((16, 16), (13, 29), (80, 70)):
        want = torch.nn.functional.interpolate(
            torch.from_numpy(image)[None], size, mode="bilinear", antialias=True, align_corners=False
        )[0]
        got = resize_image(image, size)
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, want.numpy(), atol=1e-5)
    assert resize_image(image, (40, 56)).shape == image.shape


def test_resize_does_not_alias_or_overshoot() -> None:
    checks = np.broadcast_to(np.indices((64, 64)).sum(0) % 2, (3, 64, 64)).astype(np.float32)
    np.testing.assert_allclose(resize_image(checks, (8, 8))[:, 1:-1, 1:-1], 0.5, atol=0.02)
    large = resize_image(checks, (200, 200))
    assert large.min() >= 0
    assert large.max() <= 1


def test_resize_labels_keeps_classes_and_register() -> None:
    labels = np.kron(np.array([[0, 10], [4, 7]]), np.ones((16, 16), np.int64))
    small = resize_labels(labels, (8, 4))
    assert small.dtype == labels.dtype
    np.testing.assert_array_equal(small, np.kron(np.array([[0, 10], [4, 7]]), np.ones((4, 2))))
    np.testing.assert_array_equal(resize_labels(small, (8, 4)), small)
    np.testing.assert_array_equal(resize_labels(small, (16, 8)), np.kron(small, np.ones((2, 2))))


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
def test_the_profile_of_srgb_is_embedded_when_asked(tmp_path: Path, suffix: str):
    for asked in (False, True):
        path = tmp_path / f"{asked}{suffix}"
        write_image(path, np.full((3, 8, 8), 0.5), profile=asked)
        with Image.open(path) as picture:
            assert picture.info.get("icc_profile") == (srgb_profile() if asked else None)


@pytest.mark.parametrize("names", [("Zoe", "Zoë", "Zoz"), ("e", "é", "f"), ("한", "한글", "해")])
def test_pictures_are_in_the_same_order_however_their_names_are_spelt(tmp_path: Path, names: tuple[str, ...]):
    listed = []
    for form in ("NFC", "NFD"):
        (tmp_path / form).mkdir()
        for name in names:
            (tmp_path / form / f"{unicodedata.normalize(form, name)}.png").touch()
        listed.append([unicodedata.normalize("NFC", path.name) for path in list_images(tmp_path / form)])
    assert listed[0] == listed[1]
