"""Decoded pictures and label maps at their training size, kept in the depth of their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.data.depth import to_depth, to_float
from lowface_core.data.images import read_labels, read_pixels, resize_image, resize_labels
from lowface_core.data.objects import Objects
from lowface_core.errors import DataError
from lowface_core.files import read_text
from lowface_data.cache import Decoded, make_cache
from lowface_data.folders.boxes import BoxFile
from lowface_data.folders.layout import Entry, Masks

#: Highest class of the 11 LaPa classes.
LAST_CLASS = 10
#: Numbers of the 106 points: pupils, tip of the nose, corners of the mouth.
PUPILS, NOSE_TIP, CORNERS = (104, 105), 54, (84, 90)


class FileFault(DataError):
    """A file that cannot be used.

    Attributes:
        kind: a word for programs: ``size`` where it is not its picture's, ``classes`` where a map holds other numbers.
    """

    def __init__(self, message: str, kind: str = "file") -> None:
        super().__init__(message)
        self.kind = kind


class UnreadableError(FileFault):
    """It cannot be decoded at all."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "unreadable")


class PictureStore:
    """Reads files, resizes them and keeps the result, so that each file is decoded once.

    A kept picture of 8 bits takes 3·H·W bytes, a deeper one two or four times as much, and a map H·W: 1,000 samples
    with maps and low-light files at 256 px take 0.46 GB.

    Args:
        size: height and width in pixels, None keeps each file's own.
        cache: False reads the file each time; else see :func:`lowface_data.cache.make_cache`.
    """

    def __init__(self, size: int | None, cache: bool | Mapping[str, Any] = True) -> None:
        self.size = size
        self._cache = make_cache(cache)
        self._shapes: dict[Path, tuple[int, int]] = {}

    def picture(self, path: Path, like: Path | None = None) -> np.ndarray:
        """A picture, float32 (3,H,W) in [0,1]; the array is the caller's own.

        Args:
            like: a picture of this store whose size in its file the picture must share.

        Raises:
            UnreadableError: the file cannot be decoded.
            FileFault: the sizes differ; names both files and sizes.
        """
        pixels = self._picture(path, like)[0]
        return pixels.copy() if pixels.dtype == np.float32 else to_float(pixels)

    def labels(self, source: Path | Masks, like: Path) -> np.ndarray:
        """A label map, int64 (H,W), for the picture ``like``; a map of several masks need only share its proportions.

        Raises:
            FileFault: a class above 10; otherwise as :meth:`picture`.
        """
        if isinstance(source, Masks):
            files = (source.name, like, *source.files())
            return self._get("masks", files, lambda: self._read_masks(source, like))[0].astype(np.int64)
        return self._get("labels", (source, like), lambda: self._read_labels(source, like))[0].astype(np.int64)

    def landmarks(self, path: Path, like: Path) -> np.ndarray:
        """Five landmarks of the picture ``like`` at this store's size, float32 (5,2), x y pixels.

        Raises:
            UnreadableError: one of the two files cannot be read.
        """
        points = read_landmarks(path)
        if self.size is None:
            return points
        height, width = self.shape(like)
        # pixel centres are whole numbers, so the picture's edge lies half a pixel before the first
        factor = np.array([self.size / width, self.size / height], dtype=np.float32)
        return (points + np.float32(0.5)) * factor - np.float32(0.5)

    def objects(self, boxes: BoxFile, like: Path) -> Objects:
        """The objects of the picture ``like`` at this store's size.

        Raises:
            DataError: one of the two files cannot be read.
        """
        found = boxes.read()
        if self.size is None or not len(found.boxes):
            return found
        height, width = self.shape(like)
        factor = np.array([self.size / width, self.size / height] * 2, dtype=np.float32)
        return Objects(found.boxes * factor, found.classes)

    def faults(self, entry: Entry) -> list[FileFault]:
        """Reads all files of a sample; what is wrong with each, the picture's own fault first."""
        own = _fault(self.picture, entry.picture)
        like = None if own else entry.picture
        found = [own]
        if entry.low is not None and entry.normal is not None:
            found.append(_fault(self.picture, entry.low, like))
        if entry.labels is not None and like is not None:
            found.append(_fault(self.labels, entry.labels, like))
        if entry.landmarks is not None:
            found.append(_fault(read_landmarks, entry.landmarks))
        return [fault for fault in found if fault is not None]

    def shape(self, path: Path) -> tuple[int, int]:
        """Height and width of a picture in its file."""
        if path not in self._shapes:
            self._picture(path)
        return self._shapes[path]

    def _picture(self, path: Path, like: Path | None = None) -> Decoded:
        files = (path,) if like is None else (path, like)
        decoded = self._get("picture", files, lambda: self._read_picture(path, like))
        self._shapes[path] = decoded[1]
        return decoded

    def _get(self, kind: str, files: tuple[Path, ...], read: Callable[[], Decoded]) -> Decoded:
        key = kind, self.size, files
        value = None if self._cache is None else self._cache.get(key)
        if value is None:
            value = read()
            if self._cache is not None:
                self._cache.put(key, value)
        return value

    def _read_picture(self, path: Path, like: Path | None) -> Decoded:
        pixels = _readable(read_pixels, path)
        height, width = pixels.shape[1:]
        self._check_shape(path, (height, width), like)
        if self.size is not None:
            pixels = to_depth(resize_image(to_float(pixels), (self.size, self.size)), pixels.dtype)
        return pixels, (height, width)

    def _read_labels(self, path: Path, like: Path) -> Decoded:
        labels = _readable(read_labels, path)
        lowest, highest = int(labels.min()), int(labels.max())
        if lowest < 0 or highest > LAST_CLASS:
            wrong = highest if highest > LAST_CLASS else lowest
            raise FileFault(f"{path}: holds class {wrong}; the LaPa classes are 0 to {LAST_CLASS}", "classes")
        self._check_shape(path, labels.shape, like)
        small = labels if self.size is None else resize_labels(labels, (self.size, self.size))
        return small.astype(np.uint8), (labels.shape[0], labels.shape[1])

    def _check_shape(self, path: Path, shape: tuple[int, ...], like: Path | None) -> None:
        if like is not None and tuple(shape) != self.shape(like):
            (height, width), (want_height, want_width) = shape, self.shape(like)
            raise FileFault(
                f"{path} is {width}x{height} pixels and its picture {like} is {want_width}x{want_height}; "
                "make them the same size",
                "size",
            )

    def _read_masks(self, masks: Masks, like: Path) -> Decoded:
        height, width = self.shape(like)
        labels = _readable(masks.read, like)
        if labels.shape[0] * width != labels.shape[1] * height:
            raise FileFault(
                f"{masks.parts[0][0]} is {labels.shape[1]}x{labels.shape[0]} pixels and its picture {like} is "
                f"{width}x{height}; masks need the proportions of their picture",
                "size",
            )
        size = (self.size, self.size) if self.size else (height, width)
        return resize_labels(labels, size), (labels.shape[0], labels.shape[1])


def _readable(read: Callable[[Path], np.ndarray], path: Path) -> np.ndarray:
    try:
        return read(path)
    except DataError as error:
        raise UnreadableError(str(error)) from error


def _fault(read: Callable[..., Any], *arguments: Any) -> FileFault | None:
    try:
        read(*arguments)
    except FileFault as fault:
        return fault
    return None


def read_landmarks(path: Path) -> np.ndarray:
    """A LaPa landmark file: the number of points, then one ``x y`` a line.

    Returns:
        float32 (5,2), x y pixels: image-left and image-right eye, nose, image-left and image-right mouth corner. Pairs
        are ordered by x, whatever the file's idea of left.

    Raises:
        UnreadableError: the file is missing or does not hold 106 points.
    """
    try:
        words = read_text(path, "ascii").split()
        points = np.array(words[1:], dtype=np.float32).reshape(-1, 2)
        if int(words[0]) != len(points) or len(points) != 106 or not np.isfinite(points).all():
            raise ValueError(f"{len(points)} points")
    except (OSError, ValueError, IndexError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not the number 106 and as many lines 'x y'"
        raise UnreadableError(f"{path}: cannot be read as landmarks ({reason})") from error
    eyes, corners = (points[list(pair)] for pair in (PUPILS, CORNERS))
    eyes, corners = (pair[np.argsort(pair[:, 0], kind="stable")] for pair in (eyes, corners))
    return np.concatenate([eyes, points[None, NOSE_TIP], corners]).astype(np.float32)
