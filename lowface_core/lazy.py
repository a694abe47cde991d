"""Imports on first use: public names of packages, so that importing the package itself costs nothing; and extras."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

from lowface_core.errors import PluginError


def on_first_use(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package.

    Args:
        package: its ``__name__``.
        homes: public name → the module below the package that defines it, such as
            ``"data.dataset"``; one dot in front leads to the package's parent.

    Returns:
        a function name → value, which keeps the value in the package, so that it is asked once.
    """

    def value_of(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f".{homes[name]}", package), name)
        setattr(sys.modules[package], name, value)
        return value

    return value_of


def needed(module: str, extra: str, user: str = "") -> Any:
    """A module of an optional package, imported.

    Args:
        extra: the extra of lowface that brings it.
        user: what cannot work without it, for the message; by default the extra's name.

    Raises:
        PluginError: it is not installed; one line with the command that installs ``lowface[extra]``.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        cause = f'it needs the package {error.name!r}, which is not installed; pip install "lowface[{extra}]"'
        raise PluginError(f"{user or extra}: {cause}", has_cure=True) from error
