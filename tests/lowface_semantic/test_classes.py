"""The numbering of the parsing classes."""

from __future__ import annotations

from lowface_semantic.classes import LAPA_CLASSES, MIRRORED


def test_names_and_mirror_images():
    assert len(LAPA_CLASSES) == len(set(LAPA_CLASSES)) == 11
    for label, mirrored in enumerate(MIRRORED):
        assert MIRRORED[mirrored] == label
        swapped = LAPA_CLASSES[label].replace("left", "?").replace("right", "left").replace("?", "right")
        assert LAPA_CLASSES[mirrored] == swapped
