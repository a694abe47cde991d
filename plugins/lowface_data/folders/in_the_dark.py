"""Photographs taken in the dark with boxes around what they show: DARK FACE and ExDark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from lowface_core.data.images import list_images
from lowface_core.data.normal_form import by_name, normal_form
from lowface_core.errors import nearest
from lowface_core.files import read_text
from lowface_data.folders.boxes import BoxFile, bounding_boxes, counted_faces
from lowface_data.folders.layout import Entry
from lowface_data.folders.placed import SPARE, Placed, Tell, pictures_of

UNPAIRED = ("degradation", "contrast", "contrast_from", "gallery_size")
#: The twelve classes of ExDark; its list of pictures calls them by their number, from 1.
CLASSES = (
    "Bicycle", "Boat", "Bottle", "Bus", "Car", "Cat", "Chair", "Cup", "Dog", "Motorbike", "People", "Table",
)  # fmt: skip
#: Names that ExDark's folders have, as unpacked and as people rename them.
PICTURES, ANNOTATIONS, LIST = ("ExDark", "images"), ("ExDark_Annno", "ExDark_Anno", "annotations"), "imageclasslist.txt"
NUMBERED_SPLITS = {"1": "train", "2": "val", "3": "test"}


class DarkFace(Placed, without=UNPAIRED):
    """DARK FACE: photographs of streets at night with boxes around the faces: ``low`` and ``key``, and the boxes.

    Layout below ``root``: ``image/<n>.png``, and ``label/<n>.txt``, which holds the number of boxes and then one
    ``x1 y1 x2 y2`` a line. ``objects(index)`` gives the boxes.

    Args:
        root: the folder that holds ``image`` and ``label``.
        **shared: see :class:`FileDataset`.

    Raises:
        DataError: a picture has no file of boxes.

    References:
        Yang et al., Advancing Image Understanding in Poor Visibility Environments: A Collective Benchmark Study, IEEE
        TIP 29 (2020).
    """

    registered, layout, signs = "dark_face", "image/<n>.png, label/<n>.txt", ("label/[0-9]*.txt",)

    def __init__(self, root: str | Path, **shared: Any) -> None:
        super().__init__(*self.placed(root, None), **shared)

    @classmethod
    def find(cls, root: Path, split: str | None, tell: Tell) -> Iterator[Entry]:
        if not (root / "image").is_dir():
            tell("folder", f"{root / 'image'}: no such folder; it holds the pictures of label/")
            return
        pictures = pictures_of(root / "image", tell)
        texts = by_name(sorted((root / "label").glob("*.txt")), lambda path: path.stem)
        for name in sorted(set(texts) - set(pictures)):
            tell(SPARE, f"{texts[name]}: boxes without a picture in image/")
        for name, path in sorted(pictures.items(), key=lambda one: (len(one[0]), one[0])):
            if name not in texts:
                tell("orphan", f"{path}: a picture without boxes in {root / 'label'}")
            else:
                yield Entry(name, low=path, boxes=BoxFile(texts[name], counted_faces))


class ExDark(Placed, without=UNPAIRED):
    """ExDark: photographs in the dark of twelve classes of things with boxes: ``low`` and ``key``, and the boxes.

    Layout below ``root``: ``ExDark/<Class>/<picture>``, ``ExDark_Annno/<Class>/<picture>.txt`` (the ending of the
    picture stays in the name) in bbGt format, and ``imageclasslist.txt``, whose lines end in the number of the split.
    The folders may be called ``images`` and ``annotations``. ``objects(index)`` gives the boxes.

    Args:
        root: the folder that holds both.
        split: ``train``, ``val`` or ``test`` of the list; None takes all pictures, listed or not.
        **shared: see :class:`FileDataset`.

    Raises:
        DataError: a picture has no file of boxes, or the list lacks it or names one that is not there.

    References:
        Loh and Chan, Getting to Know Low-light Images with the Exclusively Dark Dataset, Computer Vision and Image
        Understanding 178 (2019), and the texts that come with the data.
    """

    registered, layout = "exdark", "ExDark/<Class>/<picture>, ExDark_Annno/<Class>/<picture>.txt, imageclasslist.txt"
    splits, signs = ("train", "val", "test"), (f"{ANNOTATIONS[0]}/*", f"{ANNOTATIONS[1]}/*", LIST)

    def __init__(self, root: str | Path, split: Literal["train", "val", "test"] | None = None, **shared: Any) -> None:
        super().__init__(*self.placed(root, split), **shared)

    @classmethod
    def find(cls, root: Path, split: str | None, tell: Tell) -> Iterator[Entry]:
        pictures, annotations = (
            next((root / name for name in names if (root / name).is_dir()), None) for names in (PICTURES, ANNOTATIONS)
        )
        if pictures is None or annotations is None:
            tell("folder", f"{root}: lacks a folder of pictures or of annotations; the layout is {cls.layout}")
            return
        listed = _listed(root / LIST, tell) if (root / LIST).is_file() else None
        if listed is None and split is not None:
            tell("list", f"{root / LIST}: no such file; it says which pictures the split {split!r} holds")
            return
        found = list_images(pictures, recursive=True)
        if listed is not None:
            for name in sorted(set(listed) - {normal_form(path.name) for path in found}):
                tell("orphan", f"{root / LIST}: names {name!r}, which is not in {pictures}")
        for path in found:
            kind = path.parent.name
            if kind not in CLASSES:
                tell("name", f"{path}: its folder is none of the classes{nearest(kind, CLASSES)}")
                continue
            if split is not None and listed is not None and listed.get(normal_form(path.name)) != split:
                continue
            boxes = annotations / kind / f"{path.name}.txt"
            if boxes.is_file():
                yield Entry(f"{kind}/{path.stem}", low=path, boxes=BoxFile(boxes, bounding_boxes))
            else:
                tell("orphan", f"{path}: a picture without boxes, which would be {boxes}")


def _listed(path: Path, tell: Tell) -> dict[str, str]:
    """Picture → split, of lines ``name class light place split``; a heading is passed over."""
    try:
        lines = read_text(path, "utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        tell("list", f"{path}: cannot be read as text ({str(error).splitlines()[0]})")
        return {}
    found = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or (number == 1 and not words[-1].isdecimal()):
            continue
        if len(words) != 5 or words[-1] not in NUMBERED_SPLITS:
            tell("list", f"{path}, line {number}: is not 'name class light place split', the split being 1, 2 or 3")
        else:
            found[normal_form(words[0])] = NUMBERED_SPLITS[words[-1]]
    return found
