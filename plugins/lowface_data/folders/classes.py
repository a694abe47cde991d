"""The eleven LaPa classes of a parsing map, and how other data sets' parts become them."""

from __future__ import annotations

import numpy as np

#: Label of each class in a mirrored picture: the brows (2, 3) and the eyes (4, 5) change places.
MIRRORED = np.array((0, 1, 3, 2, 5, 4, 6, 7, 8, 9, 10))

#: CelebAMask-HQ's 18 masks (its 19 classes without the background) → LaPa class, in painting order: what lies in front
#: comes later. Glasses and ears count as skin; neck, cloth, hat and jewellery as background. ``l_`` and ``r_`` are the
#: sides of the person shown: in a frontal picture the "left" parts lie in its right half.
CELEBA_PARTS: dict[str, int] = {
    "skin": 1,
    "nose": 6,
    "eye_g": 1,
    "l_eye": 4,
    "r_eye": 5,
    "l_brow": 2,
    "r_brow": 3,
    "l_ear": 1,
    "r_ear": 1,
    "mouth": 8,
    "u_lip": 7,
    "l_lip": 9,
    "hair": 10,
    "hat": 0,
    "ear_r": 0,
    "neck_l": 0,
    "neck": 0,
    "cloth": 0,
}


def mirror_labels(labels: np.ndarray) -> np.ndarray:
    """A label map (H,W) of the mirrored picture: flipped left to right, with left and right classes swapped.

    Values from 11 upwards (255 = no label) are kept.
    """
    table = np.arange(256)
    table[: len(MIRRORED)] = MIRRORED
    return np.ascontiguousarray(table[labels[:, ::-1]].astype(labels.dtype))
