"""The pictures of a report: JPEG inside the page, as good as the room for all of them together allows."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

from PIL import Image

#: Bytes all pictures together may take in the page; tables, curves and scripts need well below 1 MB beside them.
ROOM = 3_700_000
#: Longest side in pixels and JPEG quality, from the best on.
STEPS = (
    *((256, quality) for quality in (82, 76, 70, 64)),
    *((240, 62), (224, 60), (208, 57), (192, 54), (176, 52), (160, 50), (144, 48), (128, 46)),
    *((112, 42), (96, 40), (80, 36), (64, 34)),
)


@dataclass(eq=False)
class Shot:
    """A picture in the page.

    ``scale`` times the side of the others is what it may have (sheets of several pictures need more); ``source`` is its
    data URI once the album is closed.
    """

    image: Image.Image
    alt: str
    caption: str
    scale: float = 1.0
    source: str = ""
    width: int = 0
    height: int = 0


class Album:
    """Collects pictures and encodes them once all are known.

    Args:
        room: bytes for all pictures together, as base64.
    """

    def __init__(self, room: int = ROOM) -> None:
        self.room, self.shots = room, list[Shot]()
        self.side, self.quality = STEPS[0]

    def add(self, shot: Shot) -> Shot:
        """Takes a picture in; it is small already, no larger than the largest side a page shows."""
        shot.image = _within(shot.image.convert("RGB"), STEPS[0][0] * shot.scale)
        self.shots.append(shot)
        return shot

    def close(self) -> None:
        """Encodes all pictures at the best size and quality whose total stays within the room."""
        for self.side, self.quality in STEPS:
            total = 0
            for shot in self.shots:
                total += self._encode(shot)
                if total > self.room:
                    break
            else:
                return

    def _encode(self, shot: Shot) -> int:
        image = _within(shot.image, self.side * shot.scale)
        file = io.BytesIO()
        image.save(file, format="JPEG", quality=self.quality, optimize=True)
        shot.source = "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")
        shot.width, shot.height = image.size
        return len(shot.source)


def _within(image: Image.Image, side: float) -> Image.Image:
    if max(image.size) <= side:
        return image
    image = image.copy()
    image.thumbnail((round(side), round(side)), Image.Resampling.LANCZOS)
    return image
