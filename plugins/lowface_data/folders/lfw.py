"""LFW: one folder a person, and the list of pairs on which verification is judged."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

from lowface_core.data.images import list_images
from lowface_core.errors import DataError, nearest
from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import Entry


class Lfw(FileDataset):
    """Labeled Faces in the Wild, or any folders of pictures named by their person.

    Layout below ``root``: ``<person>/<person>_<nnnn>.jpg``; optionally ``pairs.txt``. Samples are sorted by person and
    file name; the gallery picture of a person is the first.

    Args:
        root: the folder that holds the people's folders.
        min_pictures: people with fewer pictures are left out; with 2 everyone has one beside the gallery picture.
        pairs: file of verification pairs for :meth:`pairs`; None: ``pairs.txt`` in ``root``.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: an argument is out of range.
        DataError: the files do not fit the layout.

    References:
        Huang et al., Labeled Faces in the Wild, Technical Report 07-49, University of Massachusetts, 2007.
    """

    registered = "lfw"

    def __init__(
        self,
        root: str | os.PathLike[str],
        min_pictures: int = 1,
        pairs: str | os.PathLike[str] | None = None,
        **shared: Any,
    ) -> None:
        self.check_counts(min_pictures=min_pictures)
        root = Path(root).expanduser()
        entries = []
        for path in list_images(root, recursive=True):
            if path.parent.parent != root:
                raise DataError(f"{path}: pictures lie in one folder a person, {root}/<person>/; move or remove it")
            entries.append(Entry(path.stem, path.parent.name, normal=path))
        entries.sort(key=lambda entry: (entry.identity, entry.key))
        count = Counter(entry.identity for entry in entries)
        entries = [entry for entry in entries if count[entry.identity] >= min_pictures]
        if not entries:
            raise DataError(f"{root}: holds nobody with {min_pictures} pictures; the layout is <person>/<picture>.jpg")
        self.pairs_file = root / "pairs.txt" if pairs is None else Path(pairs).expanduser()
        super().__init__(root, entries, **shared)

    def pairs(self) -> list[tuple[int, int, bool]]:
        """The verification pairs: two sample indices and whether they show the same person, in the file's order.

        The file's first line holds counts; then ``person n m`` for a pair of one person, ``person n other m`` of two.

        Raises:
            DataError: the file is missing or malformed, or names a picture that is not there.
        """
        place = {entry.key: index for index, entry in enumerate(self._entries)}
        try:
            lines = self.pairs_file.read_text(encoding="utf-8").splitlines()[1:]
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not text"
            raise DataError(f"{self.pairs_file}: cannot be read ({reason}); give the file of pairs") from error
        found = []
        for number, line in enumerate(lines, 2):
            words = line.split()
            if not words:
                continue
            numbers = (words[1], words[-1]) if len(words) in (3, 4) else ("", "")
            if not all(word.isdecimal() for word in numbers):
                raise DataError(f"{self.pairs_file}, line {number}: is neither 'person n m' nor 'person n other m'")
            people = (words[0], words[0] if len(words) == 3 else words[2])
            keys = [f"{person}_{int(n):04d}" for person, n in zip(people, numbers, strict=True)]
            for key in keys:
                if key not in place:
                    raise DataError(
                        f"{self.pairs_file}, line {number}: no picture {key!r} in {self.root}{nearest(key, place)}"
                    )
            found.append((place[keys[0]], place[keys[1]], people[0] == people[1]))
        return found
