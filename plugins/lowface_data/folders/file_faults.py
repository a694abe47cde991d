"""What can be wrong with a file of a data set."""

from __future__ import annotations

from lowface_core.errors import DataError


class FileFault(DataError):
    """A file that cannot be used; :attr:`kind` is one word for programs."""

    kind = "file"


class UnreadableError(FileFault):
    """It cannot be decoded at all."""

    kind = "unreadable"


class SizeError(FileFault):
    """It has not the size of the picture that it belongs to."""

    kind = "size"


class ClassError(FileFault):
    """A label map that holds numbers which are not classes."""

    kind = "classes"
