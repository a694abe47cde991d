"""Any folder of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from lowface_core.data.images import images_by_key, list_images
from lowface_core.data.normal_form import by_name
from lowface_core.errors import DataError
from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import Entry

#: Where people are looked for.
PEOPLE = "<person>/<picture>.jpg or <person>_<n>.jpg"


class ImageFolder(FileDataset, without=("contrast_from", "gallery_size")):
    """Every picture of a folder and its subfolders, sorted by path; the key is the path without its ending.

    Args:
        root: the folder.
        light: ``low`` or ``normal``, which name the pictures get.
        people: pictures show people: ``<person>/<picture>.jpg``, or ``<person>_<n>.jpg`` directly in the folder.
        **shared: see :class:`FileDataset`.

    Raises:
        DataError: the folder is missing or holds no pictures, or one that does not say whom it shows.
    """

    registered = "image_folder"

    def __init__(
        self, root: str | Path, light: Literal["low", "normal"] = "low", people: bool = False, **shared: Any
    ) -> None:
        root = Path(root).expanduser()
        if people:
            self.layout = PEOPLE
            files = list(images_by_key(root).items())
        else:
            found = by_name(list_images(root, recursive=True), lambda path: path.relative_to(root).as_posix())
            files = [(Path(name).with_suffix("").as_posix(), path) for name, path in found.items()]
        entries = (
            Entry(
                key, person_of(path, root) if people else None, *((path, None) if light == "normal" else (None, path))
            )
            for key, path in files
        )
        super().__init__(root, entries, **shared)


def person_of(path: Path, root: Path) -> str:
    """Whom a picture shows: its folder's name, or what its own begins with, up to the last underscore.

    Raises:
        DataError: it names nobody.
    """
    folder, *below = path.relative_to(root).parts
    person = folder if len(below) == 1 else "" if below else path.stem.rpartition("_")[0]
    if not person:
        raise DataError(f"{path}: does not say whom it shows; use {PEOPLE}")
    return person
