"""Pictures of phones and cameras are read in full, and say how where their package is missing."""

from __future__ import annotations

import importlib.util
import logging
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from lowface_core.data import decoding, optional_kinds
from lowface_core.data.colour_space import from_linear
from lowface_core.data.images import list_images, read_image, read_picture, read_pixels
from lowface_core.errors import DataError

GAIN = ["--checkpoint", "gain", "--device", "cpu", "--enhancer-options", "factor=1.0"]


def heic(path: Path, mode: str = "RGB", **options: object) -> np.ndarray:
    """A smooth picture, which HEIC keeps nearly as it is; returned as (H,W,C)."""
    pillow_heif = pytest.importorskip("pillow_heif")
    levels = np.linspace(3000, 60000, 64 * 48).reshape(64, 48)
    pixels = np.stack([levels, levels[::-1], levels.T.reshape(64, 48), np.full_like(levels, 40000)], axis=-1)
    pixels = pixels[..., : {"L": 1, "RGB": 3, "RGBA": 4, "RGB;16": 3}[mode]]
    pixels = pixels.astype(np.uint16) if mode.endswith("16") else (pixels / 257).astype(np.uint8)
    file = pillow_heif.from_bytes(mode=mode, size=(48, 64), data=np.ascontiguousarray(pixels).tobytes())
    file.save(path, quality=100, chroma=444, **options)
    return pixels


def dng(path: Path, orientation: int = 1) -> np.ndarray:
    """A grey picture as a sensor under a colour filter sees it: two levels of light, the upper half the darker."""
    tifffile = pytest.importorskip("tifffile")
    light = np.full((128, 192), 8192, np.uint16)
    light[:64] = 1000
    to_xyz = (3.2404542, -1.5371385, -0.4985314, -0.9692660, 1.8760108, 0.0415560, 0.0556434, -0.2040259, 1.0572252)
    matrix = tuple(part for value in to_xyz for part in (round(value * 10000), 10000))
    tags = [
        (50706, 1, 4, (1, 4, 0, 0), True),  # version
        (33421, 3, 2, (2, 2), True),  # the filter's pattern: red, green, green, blue
        (33422, 1, 4, (0, 1, 1, 2), True),
        (50708, 2, 0, "a camera", True),
        (271, 2, 0, "a maker", True),
        (272, 2, 0, "a camera", True),
        (274, 3, 1, orientation, True),
        (50721, 10, 9, matrix, True),
        (50728, 5, 3, (1, 1, 1, 1, 1, 1), True),  # neutral light
        (50714, 3, 1, 0, True),  # black and white
        (50717, 3, 1, 65535, True),
    ]
    tifffile.imwrite(path, light, photometric=32803, extratags=tags, metadata=None)
    return light


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "RGB;16"])
def test_heic_is_read_in_its_own_depth(tmp_path: Path, mode: str) -> None:
    stored = heic(tmp_path / "a.heic", mode)
    picture = read_picture(tmp_path / "a.heic")
    assert picture.own.dtype == stored.dtype
    assert len(picture.own) == (1 if mode == "L" else 3)
    full = np.iinfo(stored.dtype).max
    colours = stored[..., :3].transpose(2, 0, 1)[: len(picture.own)] / full
    np.testing.assert_allclose(picture.own / full, colours, atol=0.03)
    assert (picture.opacity is not None) == (mode == "RGBA")
    if mode == "RGB;16":
        assert len(np.unique(picture.own)) > 256
    if mode != "RGBA":
        np.testing.assert_array_equal(read_pixels(tmp_path / "a.heic"), picture.pixels)


def test_avif_is_read(tmp_path: Path) -> None:
    if not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    Image.new("RGBA", (16, 12), (200, 100, 50, 255)).save(tmp_path / "a.avif", quality=95)
    np.testing.assert_allclose(read_image(tmp_path / "a.avif")[:, 5, 5] * 255, (200, 100, 50), atol=6)
    frames = [Image.new("RGB", (16, 12), (level, 0, 0)) for level in (0, 90, 200)]
    frames[0].save(tmp_path / "moving.avif", save_all=True, append_images=frames[1:])
    with pytest.raises(DataError, match=r"moving\.avif: holds 3 frames"):
        read_picture(tmp_path / "moving.avif")


def test_a_raw_picture_is_developed_without_brightening_it(tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    light = dng(tmp_path / "a.dng") / 65535
    picture = read_picture(tmp_path / "a.dng")
    assert picture.own.dtype == np.uint16
    inner = (slice(None), slice(8, -8), slice(8, -8))
    want = np.broadcast_to(from_linear(light), (3, *light.shape))
    want_rows = [want[:, :60, 8:-8], want[:, 68:-8, 8:-8]]  # not where filtering mixes the two
    got = picture.own / 65535
    np.testing.assert_allclose(got[inner][:, :52], want_rows[0][:, 8:], atol=2e-3)
    np.testing.assert_allclose(got[:, 68:-8, 8:-8], want_rows[1], atol=2e-3)
    dng(tmp_path / "side.dng", orientation=6)
    assert read_pixels(tmp_path / "side.dng").shape == (3, 192, 128)
    (tmp_path / "broken.nef").write_bytes(b"no picture" * 99)
    with pytest.raises(
        DataError, match=r"broken\.nef: not a raw picture that can be developed \([^\n]+\); copy it again"
    ):
        read_picture(tmp_path / "broken.nef")


def test_a_folder_of_phones_and_cameras_is_enhanced(lowface, tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    (tmp_path / "in").mkdir()
    heic(tmp_path / "in" / "phone.HEIC", exif=exif())
    dng(tmp_path / "in" / "camera.dng")
    assert lowface("enhance", "in", "-o", "out", *GAIN).code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["camera.tiff", "phone.jpg"]
    with Image.open(tmp_path / "out" / "phone.jpg") as phone, Image.open(tmp_path / "out" / "camera.tiff") as camera:
        assert (phone.format, phone.getexif()[0x010F], phone.getexif()[0x0112]) == ("JPEG", "a phone", 1)
        assert (camera.format, camera.getexif()[0x010F]) == ("TIFF", "a maker")
    developed = read_picture(tmp_path / "in" / "camera.dng").own
    np.testing.assert_array_equal(read_pixels(tmp_path / "out" / "camera.tiff"), developed)
    assert lowface("enhance", "in", "-o", "png", "--format", "png", *GAIN).code == 0
    assert sorted(path.name for path in (tmp_path / "png").iterdir()) == ["camera.png", "phone.png"]


def exif() -> bytes:
    block = Image.Exif()
    block[0x010F], block[0x0112] = "a phone", 1
    return block.tobytes()


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_PIXELS", 100)
    for name, make in (("a.heic", heic), ("a.dng", dng)):
        if importlib.util.find_spec(optional_kinds._PACKAGES["heic" if name == "a.heic" else "raw"]) is None:
            continue
        make(tmp_path / name)
        with (
            (tmp_path / name).open("rb") as file,
            pytest.raises(DataError, match=r"too large to be read safely .*at most 100 in all"),
        ):
            optional_kinds.read_optional(file, tmp_path / name, decoding.check_size)


def test_a_missing_package_is_one_line_with_its_cure(
    lowface, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    (tmp_path / "in" / "b.nef").write_bytes(b"II*\0" + bytes(40))
    Image.new("RGB", (8, 6)).save(tmp_path / "in" / "c.png")
    for package in ("pillow_heif", "rawpy"):
        monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    monkeypatch.setattr(optional_kinds, "is_read", lambda suffix: False)
    monkeypatch.setattr("lowface_core.data.picture_files.is_read", lambda suffix: False)
    with caplog.at_level(logging.WARNING):
        assert list_images(tmp_path / "in") == [tmp_path / "in" / "c.png"]
    (record,) = caplog.records
    assert record.getMessage().endswith(
        '(1 .heic, 1 .nef); convert them, e.g. to .png, or pip install "lowface[heic,raw]"'
    )
    for name, extra in (("a.heic", "heic"), ("b.nef", "raw")):
        done = lowface("enhance", f"in/{name}", "-o", "out", *GAIN)
        assert (done.code, done.err.count("\n")) == (1, 1)
        assert done.err.startswith(f"lowface: in/{name}: ")
        assert f'pip install "lowface[{extra}]"' in done.err
