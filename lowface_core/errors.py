"""Errors a user can cause: one line that names the cause and the cure, never a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LowfaceError(Exception):
    """A failure in one line (several lines only when several things are wrong at once).

    The command line prints the message on stderr and exits with 1; ``LOWFACE_DEBUG=1`` shows the traceback.
    """


class ConfigError(LowfaceError):
    """Something in a config is wrong; the message starts with the path inside the config."""


class PluginError(LowfaceError):
    """A plugin could not be loaded, or a component of it could not be found or built.

    Args:
        has_cure: whether the message says what to do, so that nobody needs to add it.
    """

    def __init__(self, *args: object, has_cure: bool = False) -> None:
        super().__init__(*args)
        self.has_cure = has_cure


class WeightsError(LowfaceError):
    """Weights are missing, corrupt, or do not fit the network they were given to."""


class NonFiniteError(LowfaceError):
    """A network answered with pixels that are infinite or not a number; nothing may be written or measured of them."""


class DataError(LowfaceError):
    """A picture, a label map or a data folder is missing, unreadable or inconsistent."""


class BusyError(LowfaceError):
    """Another process works where only one can."""


def placed(error: LowfaceError, path: str) -> LowfaceError:
    """The error with its place in a config in front; of the base class where a plugin's own class wants more."""
    try:
        return type(error)(f"{path}: {error}")
    except TypeError:
        return LowfaceError(f"{path}: {error}")


def nearest(word: str, offered: Iterable[str]) -> str:
    """A hint such as ``"; did you mean 'smoothness'?"``, or an empty string when nothing is close.

    Args:
        word: what was written.
        offered: what would have been right.
    """
    match = difflib.get_close_matches(word, list(offered), n=1, cutoff=0.55)
    return f"; did you mean {match[0]!r}?" if match else ""


def listing(names: Iterable[str]) -> str:
    """Names for the end of a message: sorted, comma-separated, ``none`` when there are none."""
    return ", ".join(sorted(names)) or "none"
