"""Folders of face pictures in the layout of LaPa-Face, the data set that was released with Low-FaceNet."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lowface_core.data.dataset import Dataset
from lowface_data.contrast import Contrast
from lowface_data.folders.file_dataset import Degradation, FileDataset
from lowface_data.folders.layout import find_contrast, find_entries


class LapaFace(FileDataset):
    """Face pictures with identities and, where present, low-light pictures, parsing maps and contrast pictures.

    Layout below ``root``: ``normal/<identity>_<n>.jpg`` (any picture ending; folders may lie between, such as one per
    identity), and optionally ``underexposed/`` and ``seg/`` with the same names, ``Contrast/high`` and ``Contrast/low``
    with any names, and ``split.json`` (split name → list of keys, a key being ``<identity>_<n>``). Samples are sorted
    by key, identities by name.

    Args:
        root: the folder that holds ``normal/``.
        split: name in ``split.json``; without that file every picture belongs to every split. None takes all pictures.
        size: pictures and maps become size x size (pictures antialiased, maps by nearest pixel); None keeps sizes.
        degradation: makes ``low`` from ``normal`` where there is no ``underexposed/``; applied at the final size.
        contrast: adds ``positive`` and ``negative``: a picture of ``Contrast/high`` and one of ``Contrast/low``, each
            folder drawn without replacement, or without these the normal picture of a second identity and the low-light
            picture of a third or the same.
        contrast_from: a data set that supplies the two instead, e.g. ``dict(type="contrast", …)``.
        limit: only the first so many keys.
        skip_unreadable: decode every file now and leave out samples with a broken one, with a warning that lists the
            files; otherwise a broken file is an error when it is read.
        gallery_size: side of the gallery pictures, where a detector needs more than training does; None: ``size``.
        cache: where decoded pictures are kept, see :func:`lowface_data.cache.make_cache`.

    Items carry ``normal``, ``identity`` and ``key``; ``low`` given ``underexposed/`` or a degradation; ``labels`` given
    ``seg/``; ``positive`` and ``negative`` given ``contrast``. Shapes are those of the Dataset contract.

    Raises:
        ConfigError: an argument is out of range, or ``contrast`` lacks a source of low-light pictures.
        DataError: the files do not fit the layout.

    References:
        Fan et al., Low-FaceNet, IEEE TIM 73 (2024), and the layout of its released data.
    """

    registered = "lapa_face"
    low_folder = "underexposed/"

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str | None = "train",
        size: int | None = None,
        degradation: Degradation | None = None,
        contrast: bool = False,
        contrast_from: Dataset | None = None,
        limit: int | None = None,
        skip_unreadable: bool = False,
        gallery_size: int | None = None,
        cache: bool | Mapping[str, Any] = True,
    ) -> None:
        self.check_counts(size=size, limit=limit)
        root = Path(root).expanduser()
        entries = find_entries(root, split, limit)
        if contrast and contrast_from is None and find_contrast(root) is not None:
            contrast_from = Contrast(root / "Contrast" / "high", root / "Contrast" / "low", size, cache=cache)
        super().__init__(
            root, entries, size, degradation, contrast_from or contrast, skip_unreadable, gallery_size, cache
        )
