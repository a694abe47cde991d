"""Colours of wide spaces come out as the sRGB colours they are, in every depth; sRGB itself stays bit-equal."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from lowface_core.data.colour_space import from_linear, to_linear
from lowface_core.data.images import read_image, read_pixels

# XYZ of the primaries, adapted to D50, as published (Lindbloom; Apple for Display P3).
SRGB = [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
ADOBE = [[0.6097559, 0.2052401, 0.1492240], [0.3111242, 0.6256560, 0.0632197], [0.0194811, 0.0608902, 0.7448387]]
P3 = [[0.515102, 0.291965, 0.157153], [0.241182, 0.692236, 0.0665819], [-0.00104941, 0.0418818, 0.784378]]
PROPHOTO = [[0.7976749, 0.1351917, 0.0313534], [0.2880402, 0.7118741, 0.0000857], [0.0, 0.0, 0.8252100]]

COLOURS = np.random.default_rng(0).uniform(0.25, 0.9, (3, 10, 12))


def fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def parametric(*numbers: float) -> bytes:
    kind = {1: 0, 3: 1, 4: 2, 5: 3, 7: 4}[len(numbers)]
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + fixed(*numbers)


def table(curve: Callable[[np.ndarray], np.ndarray], count: int = 1024) -> bytes:
    points = np.rint(curve(np.linspace(0, 1, count)) * 65535).astype(">u2").tobytes()
    return b"curv\0\0\0\0" + struct.pack(">I", count) + points


def profile(curve: bytes, primaries: list[list[float]] | None) -> bytes:
    """An ICC profile of a screen, or of a grey scale without primaries."""
    tags = {b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249)}
    text = b"x\0" + bytes(78)
    tags |= {b"desc": b"desc\0\0\0\0" + struct.pack(">I", 2) + text, b"cprt": b"text\0\0\0\0x\0"}
    if primaries is None:
        tags[b"kTRC"] = curve
    else:
        for index, name in enumerate((b"r", b"g", b"b")):
            tags[name + b"TRC"] = curve
            tags[name + b"XYZ"] = b"XYZ \0\0\0\0" + fixed(*(row[index] for row in primaries))
    start, entries, data = 132 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        entries += struct.pack(">4sII", name, start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    space = b"GRAY" if primaries is None else b"RGB "
    head = struct.pack(">I4sI4s4s4s12s4s", start + len(data), b"none", 0x04200000, b"mntr", space, b"XYZ ",
        struct.pack(">6H", 2020, 1, 1, 0, 0, 0), b"acsp")  # fmt: skip
    head += bytes(28) + fixed(0.9642, 1.0, 0.8249) + bytes(48)
    return head[:128] + struct.pack(">I", len(tags)) + entries + data


SPACES = {
    "Adobe RGB, one exponent": (ADOBE, struct.pack(">4s4xIH2x", b"curv", 1, round(2.2 * 256)), 2.19921875),
    "Display P3, the curve of sRGB": (P3, parametric(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045), None),
    "ProPhoto, a table": (PROPHOTO, table(lambda values: values**1.8), 1.8),
}


def in_space(space: str) -> tuple[np.ndarray, bytes]:
    """:data:`COLOURS`, which are sRGB, in another space, and its profile."""
    primaries, curve, exponent = SPACES[space]
    light = np.tensordot(np.linalg.inv(primaries) @ np.array(SRGB), to_linear(COLOURS), 1)
    assert light.min() >= 0
    return (from_linear(light) if exponent is None else light ** (1 / exponent)), profile(curve, primaries)


@pytest.mark.parametrize("space", SPACES)
def test_wide_spaces_become_srgb(tmp_path: Path, space: str) -> None:
    values, icc = in_space(space)
    stored = values.transpose(1, 2, 0)
    eight = Image.fromarray(np.rint(stored * 255).astype(np.uint8))
    eight.save(tmp_path / "a.png", icc_profile=icc)
    eight.save(tmp_path / "a.tif", icc_profile=icc)
    eight.save(tmp_path / "a.webp", icc_profile=icc, lossless=True)
    opaque = eight.convert("RGBA")
    opaque.save(tmp_path / "opaque.png", icc_profile=icc)
    sixteen = np.rint(stored * 65535).astype(np.uint16)
    tifffile.imwrite(tmp_path / "deep.tif", sixteen, photometric="rgb", iccprofile=icc)
    tifffile.imwrite(tmp_path / "float.tif", stored.astype(np.float32), photometric="rgb", iccprofile=icc)
    cv2.imwrite(str(tmp_path / "plain.png"), sixteen[..., ::-1])
    content, chunk = (tmp_path / "plain.png").read_bytes(), b"iCCP" + b"own\0\0" + zlib.compress(icc)
    chunk = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    (tmp_path / "deep.png").write_bytes(content[:33] + chunk + content[33:])
    assert np.abs(read_image(tmp_path / "plain.png") - COLOURS).max() > 0.03  # what it is without the profile
    for path in tmp_path.glob("*a.*"):
        np.testing.assert_allclose(read_image(path), COLOURS, atol=4 / 255, err_msg=path.name)
        assert read_pixels(path).dtype == np.uint8
    np.testing.assert_array_equal(read_image(tmp_path / "opaque.png"), read_image(tmp_path / "a.png"))
    for name in ("deep.tif", "deep.png", "float.tif"):
        np.testing.assert_allclose(read_image(tmp_path / name), COLOURS, atol=0.0015, err_msg=name)
    assert read_pixels(tmp_path / "deep.tif").dtype == np.uint16


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "1"])
@pytest.mark.parametrize("source", ["of Pillow", "of primaries", "broken", "of another kind"])
def test_srgb_and_profiles_that_say_nothing_change_nothing(tmp_path: Path, mode: str, source: str) -> None:
    icc = {
        "of Pillow": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        "of primaries": profile(SPACES["Display P3, the curve of sRGB"][1], SRGB),
        "broken": b"no profile at all" * 20,
        "of another kind": ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(),
    }[source]
    picture = Image.fromarray(np.rint(COLOURS.transpose(1, 2, 0) * 255).astype(np.uint8)).convert(mode)
    picture.save(tmp_path / "a.png")
    picture.save(tmp_path / "b.png", icc_profile=icc)
    np.testing.assert_array_equal(read_pixels(tmp_path / "a.png"), read_pixels(tmp_path / "b.png"))
    deep = np.rint(COLOURS.transpose(1, 2, 0) * 65535).astype(np.uint16)
    tifffile.imwrite(tmp_path / "c.tif", deep, photometric="rgb", iccprofile=icc)
    np.testing.assert_array_equal(read_pixels(tmp_path / "c.tif").transpose(1, 2, 0), deep)


def test_grey_scales(tmp_path: Path) -> None:
    """A grey picture with an exponent of 1 holds light itself, in eight bits and in sixteen."""
    icc = profile(parametric(1.0), None)
    ramp = np.tile(np.linspace(0, 1, 64), (4, 1))
    Image.fromarray(np.rint(ramp * 255).astype(np.uint8)).save(tmp_path / "a.png", icc_profile=icc)
    Image.fromarray(np.rint(ramp * 65535).astype(np.uint16)).save(tmp_path / "b.tif", icc_profile=icc)
    Image.fromarray(ramp.astype(np.float32)).save(tmp_path / "c.tif", icc_profile=icc)
    want = np.broadcast_to(from_linear(ramp), (3, 4, 64))
    np.testing.assert_allclose(read_image(tmp_path / "a.png")[..., 6:], want[..., 6:], atol=0.01)
    for name in ("b.tif", "c.tif"):
        np.testing.assert_allclose(read_image(tmp_path / name), want, atol=2e-4)


def test_a_grey_picture_with_a_profile_of_colours(tmp_path: Path) -> None:
    icc = profile(struct.pack(">4s4xIH2x", b"curv", 1, 256), P3)  # light itself
    Image.new("L", (8, 8), 128).save(tmp_path / "a.png", icc_profile=icc)
    np.testing.assert_allclose(read_image(tmp_path / "a.png"), from_linear(np.array(128 / 255)), atol=0.01)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
@pytest.mark.parametrize("space", ["Adobe RGB, one exponent", "Display P3, the curve of sRGB", "grey", "none"])
def test_an_enhanced_picture_looks_as_its_profile_says(lowface, tmp_path: Path, suffix: str, space: str) -> None:
    """Nothing is enhanced here, so that in the written picture's own colours it must be the picture that was read."""
    if space == "grey":
        values, icc = np.tile(np.linspace(0.2, 0.9, 12), (10, 1)), profile(parametric(1.8), None)
    else:
        values, icc = (COLOURS, None) if space == "none" else in_space(space)
        values = values.transpose(1, 2, 0)
    # grey WebP does not exist; its picture is then in colour, and Pillow would refuse the profile of grey as little
    large = np.rint(values * 255).astype(np.uint8).repeat(16, 0).repeat(16, 1)
    Image.fromarray(large).save(tmp_path / f"in{suffix}", icc_profile=icc, quality=95)
    said = lowface(
        "enhance", f"in{suffix}", "-o", f"out{suffix}", "--checkpoint", "gamma", "--enhancer-options", "gamma=1"
    )
    assert said.code == 0, said.err
    with Image.open(tmp_path / f"out{suffix}") as picture:
        own = picture.info.get("icc_profile")
        assert (own is None) == (icc is None)
        seen = picture.convert("RGB")
        if own is not None:
            to = ImageCms.createProfile("sRGB")
            seen = ImageCms.profileToProfile(picture, ImageCms.ImageCmsProfile(io.BytesIO(own)), to, outputMode="RGB")
        shown = np.asarray(seen).transpose(2, 0, 1) / 255
    middles = (slice(None), slice(8, None, 16), slice(8, None, 16))
    read = read_image(tmp_path / f"in{suffix}")
    np.testing.assert_allclose(shown[middles], read[middles], atol=8 / 255)  # JPEG's, seen in a smaller space
    if space not in ("grey", "none"):
        np.testing.assert_allclose(shown[middles], COLOURS, atol=12 / 255)
