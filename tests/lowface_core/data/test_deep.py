"""Pictures of more than eight bits: nothing of them is lost between the file and the sample."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from lowface_core.data import decoding
from lowface_core.data.images import read_image, read_pixels, upright_size, write_image
from lowface_core.errors import DataError
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.folders.image_folder import ImageFolder

DEEP = np.random.default_rng(0).integers(0, 65536, (12, 9, 4)).astype(np.uint16)
DEEP[0, 0, :3] = 255  # nothing in eight bits


def png(path: Path, pixels: np.ndarray, chunks: bytes = b"") -> Path:
    order = [2, 1, 0, 3][: pixels.shape[2]]  # OpenCV wants blue first
    content = cv2.imencode(".png", pixels[..., order])[1].tobytes()
    path.write_bytes(content[:33] + chunks + content[33:])
    return path


def tiff(path: Path, pixels: np.ndarray, **options: Any) -> Path:
    tifffile.imwrite(path, pixels, photometric="rgb", **options)
    return path


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.mark.parametrize(
    "save",
    [
        lambda path: png(path, DEEP[..., :3]),
        lambda path: tiff(path, DEEP[..., :3]),
        lambda path: tiff(path, DEEP[..., :3], byteorder=">"),
        lambda path: tiff(path, DEEP[..., :3], bigtiff=True),
        lambda path: tiff(path, DEEP[..., :3], compression="deflate", predictor=True),
    ],
    ids=["png", "tiff", "big-endian", "BigTIFF", "deflate"],
)
def test_sixteen_bits_of_colour_are_kept(tmp_path: Path, save: Callable[[Path], Path]) -> None:
    path = save(tmp_path / "a.img")
    pixels, image = read_pixels(path), read_image(path)
    assert pixels.dtype == np.uint16
    assert image.flags.c_contiguous
    np.testing.assert_array_equal(pixels.transpose(1, 2, 0), DEEP[..., :3])
    np.testing.assert_allclose(image.transpose(1, 2, 0), DEEP[..., :3] / 65535, atol=1e-7)
    assert image[0, 0, 0] == pytest.approx(255 / 65535)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_of_grey_are_kept(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(DEEP[..., 0]).save(tmp_path / f"a{suffix}")
    pixels = read_pixels(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(pixels, np.broadcast_to(DEEP[..., 0], (3, 12, 9)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_colours_as_floats(tmp_path: Path, dtype: type) -> None:
    values = np.random.default_rng(0).random((12, 9, 3)).astype(dtype)
    image = read_image(tiff(tmp_path / "a.tif", values))
    assert image.dtype == np.float32
    np.testing.assert_array_equal(image.transpose(1, 2, 0), values.astype(np.float32))
    for wrong in (1.5, -0.1, np.nan):
        values[3, 3, 1] = wrong
        with pytest.raises(DataError, match=r"b\.tif: values outside \[0,1\]"):
            read_image(tiff(tmp_path / "b.tif", values))


def test_transparency_of_deep_pictures_shows_white(tmp_path: Path) -> None:
    colours, opacity = DEEP[..., :3] / 65535, DEEP[..., 3:] / 65535
    multiplied = np.dstack([colours * opacity * 65535, DEEP[..., 3:]]).astype(np.uint16)
    want = (colours * opacity + 1 - opacity).transpose(2, 0, 1)
    for path in (
        png(tmp_path / "a.png", DEEP),
        tiff(tmp_path / "a.tif", DEEP, extrasamples=["unassalpha"]),
        tiff(tmp_path / "b.tif", multiplied, extrasamples=["assocalpha"]),
    ):
        np.testing.assert_allclose(read_image(path), want, atol=1.1 / 65535)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_format_is_turned_upright_once(tmp_path: Path, orientation: int) -> None:
    """Reading and the size by the header agree with the picture as stored, turned as EXIF defines."""
    stored = np.zeros((8, 16, 3), np.uint8)
    stored[:4, :8], stored[4:, 8:] = (255, 0, 0), (0, 255, 0)
    flips: dict[int, Callable[[np.ndarray], np.ndarray]] = {1: lambda a: a, 2: np.fliplr, 3: lambda a: a[::-1, ::-1],
        4: np.flipud, 5: lambda a: a.swapaxes(0, 1), 6: lambda a: np.rot90(a, -1),
        7: lambda a: a[::-1, ::-1].swapaxes(0, 1), 8: np.rot90}  # fmt: skip
    want = flips[orientation](stored).transpose(2, 0, 1) / 255
    exif, deep = Image.Exif(), stored.astype(np.uint16) * 257
    exif[0x0112] = orientation
    tag = {"extratags": [(0x0112, 3, 1, orientation, True)]}
    for suffix in ("png", "jpg", "webp"):
        Image.fromarray(stored).save(tmp_path / f"a.{suffix}", exif=exif, quality=100, lossless=True)
    Image.fromarray(stored).save(tmp_path / "a.tif", tiffinfo={0x0112: orientation})
    tiff(tmp_path / "deep.tif", deep, **tag)
    tiff(tmp_path / "float.tif", (deep / 65535).astype(np.float32), **tag)
    png(tmp_path / "deep.png", deep, chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")))
    for path in sorted(tmp_path.iterdir()):
        image = read_image(path)
        assert image.shape == want.shape, path.name
        np.testing.assert_allclose(image, want, atol=0.4 if path.suffix == ".jpg" else 1e-6, err_msg=path.name)
        if path.name != "float.tif":  # which only decoding opens
            assert upright_size(path) == want.shape[1:], path.name
    (tmp_path / "broken.png").write_bytes(b"none")
    assert upright_size(tmp_path / "broken.png") is upright_size(tmp_path / "float.tif") is None


def test_broken_deep_files_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    files = [
        png(tmp_path / "a.png", DEEP),
        tiff(tmp_path / "a.tif", DEEP[..., :3]),
        tiff(tmp_path / "b.tif", (DEEP[..., :3] / 65535).astype(np.float32)),
    ]
    for path in files:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(DataError, match=rf"^{path}: .*(broken|cut short|decoded)[^\n]*$"):
            read_image(path)
    assert capfd.readouterr().err == ""  # OpenCV would comment on it
    planes = tiff(tmp_path / "p.tif", DEEP[..., :3].transpose(2, 0, 1), planarconfig="separate")
    with pytest.raises(DataError, match=r"p\.tif: .*separate planes"):
        read_image(planes)
    monkeypatch.setattr(decoding, "MAX_PIXELS", 100)
    with pytest.raises(DataError, match=r"too large.*9x12"):
        read_image(tiff(tmp_path / "c.tif", (DEEP[..., :3] / 65535).astype(np.float32)))


@pytest.mark.parametrize("size", [None, 8])
@pytest.mark.parametrize("cache", [True, False, "disk"])
def test_data_sets_and_degradations_keep_the_depth(tmp_path: Path, size: int | None, cache: bool | str) -> None:
    dim = (np.random.default_rng(0).random((16, 16, 3)) * 655).astype(np.uint16)  # one per cent of the light
    (tmp_path / "faces").mkdir()
    png(tmp_path / "faces" / "a.png", dim)
    tiff(tmp_path / "faces" / "b.tif", (dim / 65535).astype(np.float32))
    write_image(tmp_path / "faces" / "c.png", dim.transpose(2, 0, 1) / 65535)
    where = {"folder": str(tmp_path / "cache")} if cache == "disk" else cache
    data = ImageFolder(
        tmp_path / "faces", "normal", size=size, degradation=LinearDarkening(0.5, 0.5, quantize=False), cache=where
    )
    for _ in range(2):  # decoded, then from the cache
        deep, floats, shallow = (data[index] for index in range(3))
        for item in (deep, floats):
            assert item["normal"].mean() == pytest.approx(dim.mean() / 65535, rel=0.01)
            np.testing.assert_array_equal(item["low"], item["normal"] * np.float32(0.5))
            assert len(np.unique(item["normal"])) > 50
        assert len(np.unique(shallow["normal"])) <= 4
        deep["normal"][:] = floats["normal"][:] = 0  # the arrays are the caller's own
