from __future__ import annotations

import av
import numpy as np
import pytest

from lowface_core.errors import DataError
from lowface_video.pixels import WEIGHTS, Coding, coding_of, frame_of, planar, planes_of, to_planes, to_rgb

CODINGS = [
    Coding("yuv420p", 6, False),
    Coding("yuv420p", 1, True),
    Coding("yuv422p10le", 9, False),
    Coding("yuv444p12le", 1, False),
    Coding("yuv440p", 7, False),
    Coding("gray10le", 0, False),
    Coding("gbrp", 0, True),
    Coding("gbrp16le", 0, True),
]


def inside(coding: Coding, width: int = 13, height: int = 7) -> list[np.ndarray]:
    """Planes whose colours lie inside RGB: middling Y' and chroma near grey."""
    rng = np.random.default_rng(3)
    unit = 2 ** (coding.depth - 8)
    if coding.format.startswith("gbrp"):
        return [rng.integers(0, 256 * unit, (height, width)).astype(coding.dtype) for _ in range(3)]
    planes = [rng.integers(90 * unit, 150 * unit, (height, width)).astype(coding.dtype)]
    across, down = coding.steps
    small = (-(-height // down), -(-width // across))
    count = 0 if coding.format.startswith("gray") else 2
    return planes + [rng.integers(110 * unit, 146 * unit, small).astype(coding.dtype) for _ in range(count)]


@pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: f"{coding.format}-{coding.matrix}")
def test_numbers_return_as_they_were(coding: Coding) -> None:
    planes = inside(coding)
    frame = frame_of(planes, coding)
    frame.colorspace, frame.color_range = coding.matrix or 2, 2 if coding.full else 1
    assert coding_of(frame).format == coding.format
    for made, plane, again in zip(
        planes_of(frame, coding), planes, to_planes(to_rgb(planes, coding), coding), strict=True
    ):
        np.testing.assert_array_equal(made, plane)
        np.testing.assert_array_equal(again, plane)


def test_colours_are_those_of_the_standard() -> None:
    """Black, white and pure red of BT.709 at studio range (ITU-R BT.709-6, item 3.5), and white of 10 bits."""
    planes = [
        np.array([[16, 235, 63]], np.uint8),
        np.array([[128, 128, 102]], np.uint8),
        np.array([[128, 128, 240]], np.uint8),
    ]
    rgb = to_rgb(planes, Coding("yuv444p", 1, False))[:, 0]
    np.testing.assert_allclose(rgb[:, :2], [[0, 1]] * 3, atol=1e-6)
    np.testing.assert_allclose(rgb[:, 2], [1, 0, 0], atol=0.01)
    ten = [np.array([[940]], np.uint16), np.array([[512]], np.uint16), np.array([[512]], np.uint16)]
    np.testing.assert_allclose(to_rgb(ten, Coding("yuv444p10le", 9, False)).ravel(), 1, atol=1e-6)


@pytest.mark.parametrize("matrix", sorted({*WEIGHTS} - {4, 7}))  # which swscale has under other numbers
def test_it_agrees_with_swscale(matrix: int) -> None:
    rng = np.random.default_rng(4)
    planes = [np.full((16, 16), each, np.uint8) for each in (100, 120, 140)]
    planes[0][:] = rng.integers(60, 180, (16, 16))
    coding = Coding("yuv444p", matrix, False)
    theirs = frame_of(planes, coding).reformat(
        format="rgb48le", src_colorspace=matrix, dst_colorspace=matrix, src_color_range="MPEG", dst_color_range="JPEG"
    )
    ours = to_rgb(planes, coding).transpose(1, 2, 0) * 255
    np.testing.assert_allclose(ours, theirs.to_ndarray(format="rgb48le") / 257, atol=2.5)


def test_other_ways_to_store_the_same_are_read() -> None:
    for name, form in (
        ("nv12", "yuv420p"),
        ("p010le", "yuv420p10le"),
        ("yuyv422", "yuv422p"),
        ("yuvj420p", "yuv420p"),
        ("yuva444p10le", "yuv444p10le"),
        ("rgb24", "gbrp"),
        ("bgra", "gbrp"),
        ("pal8", "gbrp"),
        ("gray16be", "gray16le"),
        ("rgb48le", "gbrp16le"),
    ):
        assert planar(av.VideoFormat(name)) == form, name
    pixels = np.random.default_rng(5).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
    rgb = to_rgb(planes_of(frame, coding_of(frame)), coding_of(frame))
    np.testing.assert_array_equal(np.rint(rgb * 255).transpose(1, 2, 0), pixels)


def test_a_matrix_that_is_not_read_is_refused_and_one_that_is_not_stated_goes_by_size() -> None:
    frame = av.VideoFrame(64, 48, "yuv420p")
    frame.colorspace = 8
    with pytest.raises(DataError, match="matrix 8"):
        coding_of(frame)
    for width, matrix in ((640, 6), (1280, 1)):
        frame = av.VideoFrame(width, 48, "yuv420p")
        frame.colorspace = 2
        assert coding_of(frame) == Coding("yuv420p", matrix, False)
