"""The one form in which names are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path

from lowface_core.errors import DataError

#: Control characters, and what Python puts in place of a file name's bytes that are not UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


#: What a terminal obeys rather than shows; lines may break.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """A text of one or several lines for a terminal: control characters, which names may hold, become escapes."""
    return _CONTROL.sub(lambda one: one[0].encode("unicode_escape").decode(), text)


def normal_form(name: str) -> str:
    """A name as it is compared, shown and recorded, whoever wrote it: Unicode's composed form (NFC).

    Systems spell accents in two ways, and names on disk may hold line breaks or bytes that are not UTF-8: these become
    escapes such as ``\\n`` and ``\\udce9``. Files are opened by the name they have.
    """
    return _UNPRINTABLE.sub(lambda one: one[0].encode("unicode_escape").decode(), unicodedata.normalize("NFC", name))


def by_name(
    paths: Iterable[Path], name_of: Callable[[Path], str], twins: list[tuple[Path, Path]] | None = None
) -> dict[str, Path]:
    """Files by the normal form of their names, in the order in which they come.

    Args:
        twins: takes the files whose name another has, each with that other; None makes them an error.

    Raises:
        DataError: two files share a name; names both.
    """
    found: dict[str, Path] = {}
    for path in paths:
        name = normal_form(name_of(path))
        first = found.setdefault(name, path)
        if first is path:
            continue
        if twins is None:
            raise DataError(f"{path} and {first} share the name {name!r}; rename or remove one")
        twins.append((path, first))
    return found
