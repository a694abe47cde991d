"""The eleven classes of a face parsing map, in the numbering of the LaPa data set."""

from __future__ import annotations

#: Class names by label value. "left" and "right" are the data set's words; mirroring a picture swaps them.
LAPA_CLASSES = (
    *("background", "skin", "left_eyebrow", "right_eyebrow", "left_eye", "right_eye"),
    *("nose", "upper_lip", "inner_mouth", "lower_lip", "hair"),
)
#: Label of each class after a horizontal flip: the brows (2, 3) and the eyes (4, 5) change places.
MIRRORED = (0, 1, 3, 2, 5, 4, 6, 7, 8, 9, 10)
#: Pixels of this label belong to no class: losses and scores leave them out.
IGNORED = 255
