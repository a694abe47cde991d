"""Between frames as video stores them, Y'CbCr or RGB of 8 to 16 bits in planes, and RGB in [0,1].

Written out rather than left to swscale, so that depth, range and matrix are kept exactly: an enhancer that changes
nothing gives back the numbers it got, as long as their colours lie inside RGB.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lowface_core.errors import DataError

#: Weights of red and blue in Y' by the number of the matrix in ITU-T H.273: BT.709, FCC, BT.470 BG, BT.601, SMPTE 240M,
#: BT.2020.
WEIGHTS = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}
RGB, BT709, UNSPECIFIED, BT601 = 0, 1, 2, 6
#: Pixels of the longer side from which on a video that does not say so is taken for BT.709, as players do.
HIGH_DEFINITION = 1280
FULL_RANGE = 2
_SUBSAMPLINGS = {(1, 1): "444", (2, 1): "422", (2, 2): "420", (1, 2): "440", (4, 1): "411", (4, 4): "410"}
_STEPS = {name: steps for steps, name in _SUBSAMPLINGS.items()}


class Coding(NamedTuple):
    """What the numbers in the planes of a frame mean.

    Attributes:
        format: name of a planar format without opacity: ``yuv420p``, ``yuv422p10le``, ``gray``, ``gbrp``.
        matrix: of Y'CbCr, a key of :data:`WEIGHTS`; of no use for grey and RGB.
        full: whether black is 0 and white the largest number, rather than 16 and 235 of 255.
    """

    format: str
    matrix: int
    full: bool

    @property
    def depth(self) -> int:
        """Bits of a number."""
        digits = self.format.removesuffix("le").rpartition("p" if "p" in self.format else "gray")[2]
        return int(digits) if digits else 8

    @property
    def dtype(self) -> Any:
        return np.uint8 if self.depth == 8 else np.dtype("<u2")

    @property
    def steps(self) -> tuple[int, int]:
        """How many pixels in a row, and in a column, share a chroma."""
        return _STEPS[self.format[3:6]] if self.format.startswith("yuv") else (1, 1)

    def scales(self) -> tuple[float, float, float, float]:
        """Black and range of Y', and middle and range of chroma."""
        if self.full or self.format.startswith("gbrp"):
            most = 2.0**self.depth - 1
            return 0.0, most, 2.0 ** (self.depth - 1), most
        unit = 2.0 ** (self.depth - 8)
        return 16 * unit, 219 * unit, 128 * unit, 224 * unit


def planar(format: Any) -> str:
    """The planar format without opacity that holds what a format of PyAV holds, its colours and depth."""
    bits = max(component.bits for component in format.components)
    depth = next((depth for depth in (8, 9, 10, 12, 14, 16) if depth >= bits), 16)
    suffix = "" if depth == 8 else f"{depth}le"
    if format.is_rgb or format.has_palette:
        return f"gbrp{suffix}"
    if len(format.components) < 3:
        return f"gray{suffix}"
    return f"yuv{_SUBSAMPLINGS[16 // format.chroma_width(16), 16 // format.chroma_height(16)]}p{suffix}"


def coding_of(frame: Any) -> Coding:
    """What the numbers of a frame mean.

    Raises:
        DataError: its matrix is none of :data:`WEIGHTS`.
    """
    format, matrix = planar(frame.format), int(frame.colorspace)
    if not format.startswith("yuv"):
        matrix = RGB
    elif matrix in (UNSPECIFIED, RGB):
        matrix = BT709 if max(frame.width, frame.height) >= HIGH_DEFINITION else BT601
    elif matrix not in WEIGHTS:
        raise DataError(f"its colours are stored in a way (matrix {matrix}) that is not read; convert it to BT.709")
    full = format.startswith("gbrp") or frame.format.name.startswith("yuvj") or int(frame.color_range) == FULL_RANGE
    return Coding(format, matrix, full)


def planes_of(frame: Any, coding: Coding) -> list[np.ndarray]:
    """The planes of a frame as arrays (height, width) of their numbers, in the order of ``coding.format``."""
    count = 1 if coding.format.startswith("gray") else 3
    stored = frame.format.name.replace("yuvj", "yuv").replace("yuva", "yuv").replace("gbrap", "gbrp")
    if stored != coding.format:
        frame = frame.reformat(format=coding.format)  # the same numbers in another order
    return [_view(plane, coding).copy() for plane in frame.planes[:count]]


def frame_of(planes: list[np.ndarray], coding: Coding) -> Any:
    """A frame of PyAV with these planes."""
    import av

    height, width = planes[0].shape
    frame = av.VideoFrame(width, height, coding.format)
    for plane, numbers in zip(frame.planes, planes, strict=True):
        _view(plane, coding)[...] = numbers
    return frame


def _view(plane: Any, coding: Coding) -> np.ndarray:
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows.view(coding.dtype)[:, : plane.width]


def to_rgb(planes: list[np.ndarray], coding: Coding) -> np.ndarray:
    """RGB, (3,H,W) of float32 in [0,1]; chroma is repeated for the pixels that share it."""
    black, span, middle, chroma_span = coding.scales()
    first = (planes[0].astype(np.float32) - np.float32(black)) / np.float32(span)
    if coding.format.startswith("gray"):
        colours = np.broadcast_to(first, (3, *first.shape))
    elif coding.format.startswith("gbrp"):
        green, blue, red = (plane.astype(np.float32) / np.float32(span) for plane in planes)
        colours = np.stack([red, green, blue])
    else:
        height, width = first.shape
        across, down = coding.steps
        cb, cr = (
            ((plane.astype(np.float32) - np.float32(middle)) / np.float32(chroma_span))
            .repeat(down, 0)[:height]
            .repeat(across, 1)[:, :width]
            for plane in planes[1:]
        )
        of_red, of_blue = WEIGHTS[coding.matrix]
        red, blue = first + 2 * (1 - of_red) * cr, first + 2 * (1 - of_blue) * cb
        green = (first - of_red * red - of_blue * blue) / (1 - of_red - of_blue)
        colours = np.stack([red, green, blue])
    return np.clip(colours, 0, 1, dtype=np.float32)


def to_planes(rgb: np.ndarray, coding: Coding) -> list[np.ndarray]:
    """The planes of a picture (3,H,W) in [0,1]; chroma is the mean of the pixels that share it."""
    black, span, middle, chroma_span = coding.scales()
    red, green, blue = rgb
    if coding.format.startswith("gbrp"):
        return [_numbers(each * span, coding) for each in (green, blue, red)]
    of_red, of_blue = WEIGHTS[coding.matrix if coding.matrix in WEIGHTS else BT601]
    first = of_red * red + (1 - of_red - of_blue) * green + of_blue * blue
    planes = [_numbers(first * span + black, coding)]
    if coding.format.startswith("yuv"):
        for colour, weight in ((blue, of_blue), (red, of_red)):
            chroma = _mean((colour - first) / (2 * (1 - weight)), *coding.steps)
            planes.append(_numbers(chroma * chroma_span + middle, coding))
    return planes


def _numbers(values: np.ndarray, coding: Coding) -> np.ndarray:
    return np.clip(np.rint(values), 0, 2**coding.depth - 1).astype(coding.dtype)


def _mean(values: np.ndarray, across: int, down: int) -> np.ndarray:
    """Means of blocks; those at the border are filled up with the last row and column."""
    height, width = values.shape
    if height % down or width % across:
        values = np.pad(values, ((0, -height % down), (0, -width % across)), mode="edge")
    return values.reshape(-(-height // down), down, -(-width // across), across).mean((1, 3))
