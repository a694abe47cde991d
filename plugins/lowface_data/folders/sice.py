"""SICE: one scene at several exposures, and the best of what thirteen methods make of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from lowface_core.data.images import list_images
from lowface_data.folders.layout import Entry
from lowface_data.folders.placed import SPARE, Placed, Tell, pictures_of

PARTS = ("Dataset_Part1", "Dataset_Part2")
#: The scenes of the first part that the authors keep for testing.
TEST = frozenset(
    [*range(4, 24), 28, 31, 33, 34, *range(37, 40), *range(46, 53), *range(55, 70), *range(75, 80), *range(100, 104)]
)


class Sice(Placed, without=("degradation", "gallery_size")):
    """SICE: 589 scenes, each at several exposures with a reference; its under-exposed pictures are the low-light ones.

    Layout below ``root``: ``Dataset_Part1|Dataset_Part2/<scene>/<n>.JPG``, rising exposures of a scene, and
    ``Label/<scene>.JPG`` beside the scenes. The first half of a scene's exposures is under-exposed: three of seven,
    four of nine.

    Args:
        root: the folder that holds the parts.
        split: ``test`` are 58 scenes of the first part, ``train`` all others; None takes both.
        exposures: ``under`` takes every under-exposed picture, ``nearest`` the brightest of them (-1 EV) alone.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: a scene has no reference, or a file is not called by its number.

    References:
        Cai et al., Learning a Deep Single Image Contrast Enhancer from Multi-Exposure Images, IEEE TIP 27 (2018); the
        numbers of the test scenes and of -1 EV stand in the text that comes with the data.
    """

    registered, layout, low_folder = "sice", "Dataset_Part1/<scene>/<n>.JPG, Dataset_Part1/Label/<scene>.JPG", "scenes"
    splits, signs = ("train", "test"), tuple(f"{part}/Label" for part in PARTS)

    def __init__(
        self,
        root: str | Path,
        split: Literal["train", "test"] | None = "train",
        exposures: Literal["under", "nearest"] = "under",
        **shared: Any,
    ) -> None:
        super().__init__(*self.placed(root, split, exposures=exposures), **shared)

    @classmethod
    def find(cls, root: Path, split: str | None, tell: Tell, exposures: str = "under") -> Iterator[Entry]:
        for part in PARTS:
            if not (root / part / "Label").is_dir():
                continue
            labels = pictures_of(root / part / "Label", tell)
            scenes = {folder.name: folder for folder in (root / part).iterdir() if folder.is_dir()}
            del scenes["Label"]
            for name in sorted(set(labels) - set(scenes)):
                tell(SPARE, f"{labels[name]}: a reference without a scene in {root / part}")
            for name, folder in sorted(scenes.items(), key=lambda one: (len(one[0]), one[0])):
                if split is not None and split != _split(part, name):
                    continue
                if name not in labels:
                    tell("orphan", f"{folder}: a scene without a reference in {root / part / 'Label'}")
                    continue
                dark = _under_exposed(folder, tell)
                for path in dark[-1:] if exposures == "nearest" else dark:
                    yield Entry(f"{part}/{name}/{path.stem}", normal=labels[name], low=path)


def _split(part: str, scene: str) -> str:
    return "test" if part == PARTS[0] and scene.isdecimal() and int(scene) in TEST else "train"


def _under_exposed(folder: Path, tell: Tell) -> list[Path]:
    """The first half of a scene's pictures, darkest first."""
    numbered: dict[int, Path] = {}
    for path in list_images(folder):
        if not path.stem.isdecimal():
            tell("name", f"{path}: exposures of a scene are called by their number, such as 1.JPG; rename or remove it")
        elif int(path.stem) in numbered:
            tell("same_key", f"{path}: {numbered[int(path.stem)]} has the same number; rename or remove one")
        else:
            numbered[int(path.stem)] = path
    if len(numbered) < 2:
        tell("exposures", f"{folder}: holds {len(numbered)} exposures; which are too dark is known of two or more")
    return [numbered[number] for number in sorted(numbered)][: len(numbered) // 2]
