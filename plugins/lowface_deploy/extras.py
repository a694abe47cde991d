"""Optional packages."""

from __future__ import annotations

import importlib
from typing import Any

from lowface_core.errors import PluginError


def needed(module: str, extra: str) -> Any:
    """An optional package, imported.

    Raises:
        PluginError: it is not installed; one line with the command that installs ``lowface[extra]``.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        cause = f'it needs the package {error.name!r}, which is not installed; pip install "lowface[{extra}]"'
        raise PluginError(f"{extra}: {cause}", has_cure=True) from error
