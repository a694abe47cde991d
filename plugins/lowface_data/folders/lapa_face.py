"""Folders of face pictures in the layout of LaPa-Face, the data set that was released with Low-FaceNet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lowface_data.contrast import Contrast
from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import contrast_folders, find_entries


class LapaFace(FileDataset):
    """Face pictures with identities and, where present, low-light pictures, parsing maps and contrast pictures.

    Layout below ``root``: ``normal/<identity>_<n>.jpg`` (any picture ending; folders may lie between, such as one per
    identity), and optionally ``underexposed/`` and ``seg/`` with the same names, ``Contrast/high`` and ``Contrast/low``
    with any names, and ``split.json`` (split name → list of keys, a key being ``<identity>_<n>``). Samples are sorted
    by key, identities by name.

    Args:
        root: the folder that holds ``normal/``.
        split: name in ``split.json``; without that file every picture belongs to every split. None takes all pictures.
        contrast: adds ``positive`` and ``negative``: a picture of ``Contrast/high`` and one of ``Contrast/low``, each
            folder drawn without replacement, or without these the normal picture of a second identity and the low-light
            picture of a third or the same.
        **shared: see :class:`FileDataset`.

    Items carry ``normal``, ``identity`` and ``key``; ``low`` given ``underexposed/`` or a degradation; ``labels`` given
    ``seg/``; ``positive`` and ``negative`` given ``contrast``. Shapes are those of the Dataset contract.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: the files do not fit the layout.

    References:
        Fan et al., Low-FaceNet, IEEE TIM 73 (2024), and the layout of its released data.
    """

    registered = "lapa_face"
    low_folder = "underexposed/"

    def __init__(self, root: str | Path, split: str | None = "train", contrast: bool = False, **shared: Any) -> None:
        root = Path(root).expanduser()
        if contrast and shared.get("contrast_from") is None and (folders := contrast_folders(root)):
            shared["contrast_from"] = Contrast(*folders, shared.get("size"), cache=shared.get("cache", True))
        super().__init__(root, find_entries(root, split), contrast=contrast, **shared)
