"""MIT-Adobe FiveK as pairs: the camera's picture and one of five experts' retouching."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from lowface_data.folders.placed import PairedPlaces, Place, Tell

EXPERTS = ("A", "B", "C", "D", "E")


class FiveK(PairedPlaces, without=("degradation", "gallery_size")):
    """MIT-Adobe FiveK: 5,000 photographs and what five experts made of them, exported as pictures.

    Layout below ``root``: ``input`` and ``expertA`` to ``expertE`` with the same names (TIFF, PNG or JPEG), or the same
    below ``train`` and ``test``; an expert's folder may be called ``target``. The release itself holds raw files and a
    catalogue; the pictures are what one exports of it.

    Args:
        root: the folder.
        split: ``train`` or ``test``, where there are such folders; None takes all.
        expert: whose retouching is the normal-light picture.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: a folder or a picture's partner is missing, or two files share a name.

    References:
        Bychkovsky et al., Learning Photographic Global Tonal Adjustment with a Database of Input/Output Image Pairs,
        CVPR 2011.
    """

    registered, layout, low_folder = "fivek", "input and expertC, also below train|test", "input/"
    splits = ("train", "test")
    signs = tuple(f"{above}expert[A-E]" for above in ("", "train/", "test/"))

    def __init__(
        self,
        root: str | Path,
        split: Literal["train", "test"] | None = None,
        expert: Literal["A", "B", "C", "D", "E"] = "C",
        **shared: Any,
    ) -> None:
        super().__init__(root, split, expert, **shared)

    @classmethod
    def places_in(cls, root: Path) -> Iterable[Place]:
        for split in ("", *cls.splits):
            above = root / split
            for expert in EXPERTS:
                if (folder := _expert(above, expert)) is not None:
                    places = (str((above / name).relative_to(root)) for name in ("input", folder))
                    # keys name the expert only where a sample of several of them is asked for
                    yield Place(split, expert, split, *places)

    @classmethod
    def find(cls, root: Path, split: str | None, tell: Tell, part: str | None = None) -> Any:
        if part is None:  # all there are would give each input several times
            part = next((place.part for place in cls.places_in(root) if place.part == "C"), None)
            part = part or next((place.part for place in cls.places_in(root)), "C")
        return super().find(root, split, tell, part)


def _expert(above: Path, expert: str) -> str | None:
    """The name of an expert's folder; ``target`` stands for C where no expert is named."""
    if (above / f"expert{expert}").is_dir():
        return f"expert{expert}"
    named = any((above / f"expert{one}").is_dir() for one in EXPERTS)
    return "target" if expert == "C" and not named and (above / "target").is_dir() else None
