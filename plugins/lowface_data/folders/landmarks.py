"""Five landmarks of a face from the 106 that LaPa stores."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lowface_data.folders.file_faults import UnreadableError

#: Numbers of the 106 points: pupils, tip of the nose, corners of the mouth.
PUPILS, NOSE_TIP, CORNERS = (104, 105), 54, (84, 90)


def read_landmarks(path: Path) -> np.ndarray:
    """A LaPa landmark file: the number of points, then one ``x y`` a line.

    Returns:
        float32 (5,2), x y pixels: image-left and image-right eye, nose, image-left and image-right mouth corner. Pairs
        are ordered by x, whatever the file's idea of left.

    Raises:
        UnreadableError: the file is missing or does not hold 106 points.
    """
    try:
        words = path.read_text(encoding="ascii").split()
        points = np.array(words[1:], dtype=np.float32).reshape(-1, 2)
        if int(words[0]) != len(points) or len(points) != 106 or not np.isfinite(points).all():
            raise ValueError(f"{len(points)} points")
    except (OSError, ValueError, IndexError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not the number 106 and as many lines 'x y'"
        raise UnreadableError(f"{path}: cannot be read as landmarks ({reason})") from error
    eyes, corners = (points[list(pair)] for pair in (PUPILS, CORNERS))
    eyes, corners = (pair[np.argsort(pair[:, 0], kind="stable")] for pair in (eyes, corners))
    return np.concatenate([eyes, points[None, NOSE_TIP], corners]).astype(np.float32)
