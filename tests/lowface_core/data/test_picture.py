"""A picture that nothing has changed goes back into a file of its kind with everything that it held."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms, PngImagePlugin

from lowface_core.data.colour_space import from_linear, to_linear
from lowface_core.data.images import read_picture, read_pixels, write_picture
from lowface_core.data.profiles import srgb_profile
from lowface_core.errors import DataError

LEVELS = np.random.default_rng(0).integers(0, 65536, (6, 5, 4)).astype(np.uint16)
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><tiff:Orientation>6</tiff:Orientation><dc:title>night</dc:title></x:xmpmeta>'
)


def through(path: Path, suffix: str = "") -> Path:
    """The picture read and written, unchanged."""
    picture, target = read_picture(path), path.with_name(f"out{suffix or path.suffix}")
    write_picture(target, picture.pixels, picture)
    return target


def exif(orientation: int = 1) -> Image.Exif:
    block = Image.Exif()
    block[0x010F], block[0x0112] = "a camera", orientation
    block.get_ifd(0x8769)[0x829A] = 0.25  # exposure time
    block.get_ifd(0x8769)[0x927C] = b"the maker's own words"
    block.get_ifd(0x8825)[1] = "N"
    return block


def p3_profile() -> bytes:
    """The profile of Display P3: primaries as Apple publishes them, the curve of sRGB."""
    rows = [[0.515102, 0.291965, 0.157153], [0.241182, 0.692236, 0.0665819], [-0.00104941, 0.0418818, 0.784378]]

    def fixed(*numbers: float) -> bytes:
        return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))

    curve = b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    tags = {b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249), b"cprt": b"text\0\0\0\0x\0"}
    tags |= {name + b"TRC": curve for name in (b"r", b"g", b"b")}
    for index, name in enumerate((b"r", b"g", b"b")):
        tags[name + b"XYZ"] = b"XYZ \0\0\0\0" + fixed(*(row[index] for row in rows))
    entries, data, start = b"", b"", 132 + 12 * len(tags)
    for name, content in tags.items():
        entries += struct.pack(">4sII", name, start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    head = struct.pack(">I4sI4s4s4s12s4s", start + len(data), b"none", 0x04200000, b"mntr", b"RGB ", b"XYZ ",
        struct.pack(">6H", 2020, 1, 1, 0, 0, 0), b"acsp")  # fmt: skip
    return (
        (head + bytes(28) + fixed(0.9642, 1.0, 0.8249) + bytes(48))[:128]
        + struct.pack(">I", len(tags))
        + entries
        + data
    )


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".bmp"])
def test_eight_bits_are_the_same(tmp_path: Path, mode: str, suffix: str) -> None:
    pixels = Image.fromarray((LEVELS >> 8).astype(np.uint8)).convert(mode)
    pixels.save(tmp_path / "a.png")
    with Image.open(through(tmp_path / "a.png", suffix)) as written:
        if suffix == ".webp":  # which has no grey, and loses a little
            assert written.mode == ("RGBA" if mode.endswith("A") else "RGB")
            if mode.endswith("A"):
                np.testing.assert_array_equal(np.asarray(written)[..., 3], np.asarray(pixels.getchannel("A")))
        elif suffix == ".bmp":
            assert written.mode == mode.removesuffix("A")
        else:
            assert written.mode == mode
            np.testing.assert_array_equal(np.asarray(written), np.asarray(pixels))


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_are_the_same(tmp_path: Path, suffix: str, channels: int) -> None:
    pixels = LEVELS[..., :channels] if channels > 1 else LEVELS[..., 0]
    if suffix == ".tif":
        kind = {1: "minisblack", 3: "rgb", 4: "rgb"}[channels]
        tifffile.imwrite(tmp_path / "a.tif", pixels, photometric=kind, extrasamples=[2] if channels == 4 else None)
    else:
        cv2.imwrite(str(tmp_path / "a.png"), pixels[..., [2, 1, 0, 3][:channels]] if channels > 1 else pixels)
    for target in (".png", ".tif"):
        written = through(tmp_path / f"a{suffix}", target)
        read = cv2.imread(str(written), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(read[..., [2, 1, 0, 3][:channels]] if channels > 1 else read, pixels)
    with tifffile.TiffFile(written) as other:  # another reader than ours agrees
        np.testing.assert_array_equal(other.asarray(), pixels)
        assert other.pages[0].extrasamples == ((2,) if channels == 4 else ())


def test_grey_with_opacity_of_sixteen_bits(tmp_path: Path) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in LEVELS[..., :2])
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 5, 6, 16, 4, 0, 0, 0))
    (tmp_path / "a.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    written = through(tmp_path / "a.png")
    assert written.read_bytes()[24:26] == b"\x10\x04"  # 16 bits, grey with opacity
    read = cv2.imread(str(written), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(read[..., [0, 3]], LEVELS[..., :2])
    with tifffile.TiffFile(through(tmp_path / "a.png", ".tif")) as other:
        np.testing.assert_array_equal(other.asarray()[..., [0, 3]], LEVELS[..., :2])


def test_colours_multiplied_by_their_opacity_are_divided(tmp_path: Path) -> None:
    straight, opacity = LEVELS[..., :3] / 65535, np.maximum(LEVELS[..., 3:], 6000) / 65535
    stored = np.rint(np.dstack([straight * opacity, opacity]) * 65535).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="rgb", extrasamples=["assocalpha"])
    picture = read_picture(tmp_path / "a.tif")
    np.testing.assert_allclose(picture.pixels.transpose(1, 2, 0) / 65535, straight, atol=1e-4)
    assert picture.opacity is not None
    np.testing.assert_array_equal(picture.opacity, stored[..., 3])


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_wide_profile_stays_with_its_colours(tmp_path: Path, depth: type, suffix: str) -> None:
    """Saturated colours of Display P3, which sRGB does not hold, are the same again to the level."""
    pixels, icc = (LEVELS[..., :3] >> (8 if depth == np.uint8 else 0)).astype(depth), p3_profile()
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="rgb", iccprofile=icc)
    picture = read_picture(tmp_path / "a.tif")
    assert picture.pixels.dtype == np.float32
    plain = pixels.transpose(2, 0, 1) / np.iinfo(depth).max
    assert np.abs(picture.pixels - plain).max() > 0.05  # other numbers, for the same colours
    written = through(tmp_path / "a.tif", suffix)
    read = cv2.imread(str(written), cv2.IMREAD_UNCHANGED)[..., ::-1]
    np.testing.assert_array_equal(read, pixels)
    with Image.open(written) as file:
        assert file.info["icc_profile"] == icc
    with Image.open(through(tmp_path / "a.tif", ".bmp")) as file:  # which keeps no profile
        np.testing.assert_array_equal(np.asarray(file).transpose(2, 0, 1), np.rint(picture.pixels * 255))


def test_a_brighter_picture_is_brighter_in_its_own_space(tmp_path: Path) -> None:
    """Twice the light in sRGB is twice the light in Display P3, where both spaces hold the colours."""
    values = np.random.default_rng(1).uniform(0.3, 0.5, (8, 8, 3))
    pixels = np.rint(values * 65535).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="rgb", iccprofile=p3_profile())
    picture = read_picture(tmp_path / "a.tif")
    stored, _ = picture.as_stored(from_linear(2 * to_linear(picture.pixels.astype(np.float64))), "TIFF")
    want = from_linear(2 * to_linear(values.transpose(2, 0, 1)))
    np.testing.assert_allclose(stored / 65535, want, atol=2e-4)


@pytest.mark.parametrize(
    ("suffix", "orientation"),
    [(".jpg", 1), (".jpg", 3), (".jpg", 6), (".png", 8), (".webp", 6), (".webp", 1), (".tif", 1)],
)
def test_what_is_said_of_the_picture_stays_and_its_orientation_is_settled(
    tmp_path: Path, suffix: str, orientation: int
) -> None:
    pixels = Image.fromarray((LEVELS[..., :3] >> 8).astype(np.uint8)).resize((40, 24), Image.Resampling.BICUBIC)
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", XMP.decode())
    made = tmp_path / f"a{suffix.replace('tif', 'png')}"
    said: dict[str, Any] = {"exif": exif(orientation), "dpi": (300, 150), "pnginfo": text}
    pixels.save(made, xmp=XMP, quality=100, lossless=True, **said)
    if suffix == ".tif":  # Pillow leaves out the parts of EXIF in one
        through(made, ".tif").rename(tmp_path / "a.tif")
    want = read_pixels(tmp_path / f"a{suffix}")
    for target in (".jpg", ".png", ".webp", ".tif"):
        written = through(tmp_path / f"a{suffix}", target)
        with Image.open(written) as file:
            found = file.getexif()
            assert found.get(0x0112, 1) == 1, target
            assert found[0x010F] == "a camera"
            assert found.get_ifd(0x8769)[0x829A] == 0.25
            assert bytes(found.get_ifd(0x8769)[0x927C]) == b"the maker's own words"
            assert found.get_ifd(0x8825)[1] == "N"
            packet = file.info.get("xmp") or file.info["XML:com.adobe.xmp"].encode()
            assert packet == XMP.replace(b">6<", b">1<")
            if target != ".webp" and suffix != ".webp":  # which has no place for it
                across, down = (150, 300) if orientation > 4 else (300, 150)
                assert file.info["dpi"] == pytest.approx((across, down), abs=0.5)
        lossless = target in (".png", ".tif")
        np.testing.assert_allclose(read_pixels(written), want, atol=0 if lossless else 40)


def test_notes_of_makers_stay_byte_for_byte_and_the_old_preview_goes(tmp_path: Path) -> None:
    """IFD 0 with an orientation, and a second one, a preview, behind it."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    block = b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 26) + b"\0\0 the preview and more"
    Image.new("RGB", (8, 6)).save(tmp_path / "a.jpg", exif=b"Exif\0\0" + block)
    with Image.open(through(tmp_path / "a.jpg")) as file:
        kept = file.info["exif"].removeprefix(b"Exif\0\0")
    assert kept == block.replace(entry, struct.pack("<HHIHH", 0x0112, 3, 1, 1, 0)).replace(
        struct.pack("<I", 26), bytes(4)
    )


@pytest.mark.parametrize("damage", [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff" + bytes(9)])
def test_broken_metadata_does_no_harm(tmp_path: Path, damage: bytes) -> None:
    Image.new("RGB", (8, 6), (9, 99, 200)).save(tmp_path / "a.jpg", exif=b"Exif\0\0" + damage, xmp=b"<broken")
    for target in (".jpg", ".png", ".tif", ".webp"):
        with Image.open(through(tmp_path / "a.jpg", target)) as file:
            assert file.size == (8, 6)


def test_metadata_too_long_for_jpeg_stays_out(tmp_path: Path) -> None:
    block = exif()
    block[0x010E] = "x" * 70_000
    Image.new("RGB", (8, 6)).save(tmp_path / "a.png", exif=block)
    with Image.open(through(tmp_path / "a.png", ".jpg")) as file:
        assert "exif" not in file.info
    with Image.open(through(tmp_path / "a.png", ".tif")) as file:
        assert len(file.getexif()[0x010E]) == 70_000


def test_profiles_that_say_nothing_and_those_of_grey(tmp_path: Path) -> None:
    Image.new("RGB", (8, 6), (9, 99, 200)).save(tmp_path / "a.png", icc_profile=b"no profile at all" * 20)
    with Image.open(through(tmp_path / "a.png")) as file:
        assert file.info["icc_profile"] == srgb_profile()
        assert file.getpixel((0, 0)) == (9, 99, 200)
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (8, 6), (9, 99, 200)).save(tmp_path / "b.png", icc_profile=own)
    with Image.open(through(tmp_path / "b.png")) as file:
        assert file.info["icc_profile"] == own
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "c.jpg", quality=100)
    with Image.open(through(tmp_path / "c.jpg", ".png")) as file:
        assert (file.mode, "icc_profile" in file.info) == ("RGB", False)


def frames(mode: str = "RGB") -> list[Image.Image]:
    return [Image.new(mode, (8, 6), level) for level in (10, 90, 200)]


def test_files_of_several_frames_are_refused_by_name(tmp_path: Path) -> None:
    first, *rest = frames()
    for suffix, kind in ((".png", "frames"), (".webp", "frames"), (".tif", "pages")):
        first.save(tmp_path / f"a{suffix}", save_all=True, append_images=rest)
        with pytest.raises(DataError, match=rf"a\{suffix}: holds 3 {kind}; store each in a file of its own"):
            read_picture(tmp_path / f"a{suffix}")
        assert read_pixels(tmp_path / f"a{suffix}").shape == (3, 6, 8)  # where one is enough, it is the first
    with tifffile.TiffWriter(tmp_path / "deep.tif") as file:
        for _ in range(2):
            file.write(LEVELS[..., :3], photometric="rgb")
    with pytest.raises(DataError, match="holds 2 pages"):
        read_picture(tmp_path / "deep.tif")
    with tifffile.TiffWriter(tmp_path / "preview.tif") as file:
        file.write(LEVELS[..., :3], photometric="rgb")
        file.write(LEVELS[::2, ::2, :3], photometric="rgb", subfiletype=1)
    np.testing.assert_array_equal(read_picture(tmp_path / "preview.tif").own.transpose(1, 2, 0), LEVELS[..., :3])
    first.save(tmp_path / "phone.jpg", format="MPO", save_all=True, append_images=rest)
    assert read_picture(tmp_path / "phone.jpg").pixels.shape == (3, 6, 8)  # phones add maps and views to a photograph


def test_brightness_is_that_of_the_picture_on_white(tmp_path: Path) -> None:
    Image.fromarray((LEVELS >> 8).astype(np.uint8)).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    shown = read_pixels(tmp_path / "a.png").astype(np.float64) / 255
    want = float(np.tensordot([0.299, 0.587, 0.114], shown, 1).mean())
    assert picture.brightness(picture.pixels) == pytest.approx(want, abs=0.003)


def test_the_command_returns_every_kind_of_picture(lowface, tmp_path: Path) -> None:
    """With a factor of 1: 16-bit PNG and grey TIFF, RGBA, a Display P3 JPEG, and one on its side."""
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / "deep.png"), LEVELS[..., :3])
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    tifffile.imwrite(tmp_path / "in" / "ramp.tif", ramp, photometric="minisblack")
    Image.fromarray((LEVELS >> 8).astype(np.uint8)).save(tmp_path / "in" / "clear.png")
    photo = Image.fromarray((LEVELS[..., :3] >> 8).astype(np.uint8)).resize((64, 48), Image.Resampling.BICUBIC)
    photo.save(tmp_path / "in" / "p3.jpg", icc_profile=p3_profile(), quality=95)
    photo.save(tmp_path / "in" / "side.jpg", exif=exif(6), quality=95)
    words = ["--checkpoint", "gain", "--device", "cpu", "--enhancer-options", "factor=1.0"]
    done = lowface("enhance", "in", "-o", "out", *words, "--json")
    assert done.code == 0, done.err
    assert len(json.loads(done.out)["written"]) == 5
    for name in ("deep.png", "ramp.tif", "clear.png"):
        before, after = (cv2.imread(str(tmp_path / place / name), cv2.IMREAD_UNCHANGED) for place in ("in", "out"))
        assert before.dtype == after.dtype
        np.testing.assert_array_equal(before, after)
    assert len(np.unique(cv2.imread(str(tmp_path / "out" / "ramp.tif"), cv2.IMREAD_UNCHANGED))) >= 60_000
    for name in ("p3.jpg", "side.jpg"):
        with Image.open(tmp_path / "in" / name) as one, Image.open(tmp_path / "out" / name) as other:
            assert one.info.get("icc_profile") == other.info.get("icc_profile")
            turned = np.rot90(np.asarray(one), -1) if name == "side.jpg" else np.asarray(one)
            assert np.abs(turned.astype(int) - np.asarray(other)).mean() < 2
            if name == "side.jpg":
                assert (other.getexif()[0x010F], other.getexif()[0x0112]) == ("a camera", 1)
                assert other.getexif().get_ifd(0x8769)[0x829A] == 0.25


def test_the_first_bytes_of_a_file_are_enough_for_it(tmp_path: Path) -> None:
    """Files under another format's ending are read by what they are."""
    file = io.BytesIO()
    Image.new("LA", (4, 3), (7, 99)).save(file, "PNG")
    (tmp_path / "a.jpg").write_bytes(file.getvalue())
    with Image.open(through(tmp_path / "a.jpg", ".png")) as written:
        assert (written.mode, written.getpixel((0, 0))) == ("LA", (7, 99))
