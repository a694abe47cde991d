"""Lists of pictures and of whom they show in MATLAB's files, as the data sets of Queen Mary University have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.data.images import list_images
from lowface_core.data.normal_form import by_name, normal_form
from lowface_core.errors import DataError
from lowface_data.folders.layout import Entry
from lowface_data.folders.placed import SPARE, Tell

#: Bytes of a list at most; the longest of these data sets has a tenth.
LARGEST = 32 * 2**20


class IdentityList:
    """A list of names and one of as many identities in a file.

    Args:
        path: the file.
        names, identities: what the two are called there.
    """

    def __init__(self, path: Path, names: str, identities: str) -> None:
        self.path, self._names, self._identities = path, names, identities

    def read(self) -> dict[str, str]:
        """Picture → whom it shows.

        Raises:
            DataError: the file cannot be read or holds something else.
        """
        found = matlab_variables(self.path, (self._names, self._identities))
        names, people = texts(found[self._names], self.path), np.asarray(found[self._identities]).ravel()
        if len(names) != len(people) or not np.issubdtype(people.dtype, np.number):
            raise DataError(f"{self.path}: holds {len(names)} names and {len(people)} identities; they belong together")
        if twice := sorted({name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()):
            raise DataError(f"{self.path}: names {twice[0]!r} twice")
        return {normal_form(name): str(int(person)) for name, person in zip(names, people, strict=True)}

    def entries(self, folder: Path, role: str, tell: Tell) -> Iterator[Entry]:
        """The listed pictures of a folder, in the order of the list."""
        try:
            listed = self.read()
            found = by_name(list_images(folder), lambda path: path.name)
        except DataError as error:
            tell("list", str(error))
            return
        for name in sorted(set(found) - set(listed)):
            tell(SPARE, f"{found[name]}: is not in {self.path.name}")
        for name, person in listed.items():
            if name in found:
                yield Entry(f"{folder.name}/{found[name].stem}", person, normal=found[name], role=role)
            else:
                tell("orphan", f"{self.path}: names {name!r}, which is not in {folder}")


def matlab_variables(path: Path, names: Sequence[str]) -> dict[str, Any]:
    """Variables of a MATLAB file of version 5 to 7, as scipy reads them; nothing in such a file is ever run.

    Raises:
        DataError: it cannot be read, is larger than such lists are, or lacks a variable.
    """
    from scipy.io import loadmat

    try:
        if path.stat().st_size > LARGEST:
            raise DataError(f"{path}: is larger than {LARGEST // 2**20} MiB, which no list of names is")
        found = loadmat(path, variable_names=list(names))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or 'not a MATLAB file'})") from error
    except DataError:
        raise
    except Exception as error:  # a broken file raises whatever its bytes happen to mean
        raise DataError(f"{path}: cannot be read as a MATLAB file of version 5 to 7") from error
    missing = [name for name in names if name not in found]
    if missing:
        raise DataError(f"{path}: holds no {missing[0]!r}")
    return {name: found[name] for name in names}


def texts(value: Any, path: Path) -> list[str]:
    """A list of texts, which MATLAB keeps as an array of characters or as cells.

    Raises:
        DataError: something in it is no text.
    """
    found = []
    for item in np.asarray(value).ravel():
        while isinstance(item, np.ndarray) and item.size == 1:
            item = item.ravel()[0]
        if not isinstance(item, str):
            raise DataError(f"{path}: holds something else where names of pictures should be")
        found.append(item.strip())
    return found
