"""``_base_`` of a config: a file beside it, or the name of a config that ships with lowface."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from lowface_core.errors import ConfigError, listing, nearest


@contextlib.contextmanager
def shipped_bases(shipped: Mapping[str, Path]) -> Iterator[None]:
    """While it lasts, mmengine finds shipped configs by name in ``_base_``, with or without ``.py``.

    A file beside the config goes first, so that no config changes its meaning by what lowface ships.

    Args:
        shipped: configs by name, see :func:`lowface_core.config.load.shipped`.

    Raises:
        ConfigError: inside, for a base that is neither; names the config, the base and the nearest shipped name.
    """
    from mmengine.config import Config

    own = Config._get_cfg_path

    def path_of(base: str, config: str) -> tuple[str, str | None]:
        path, scope = own(base, config)
        name = str(base).removesuffix(".py")
        if scope is not None or Path(path).is_file():
            return path, scope
        if name in shipped:
            return str(shipped[name]), None
        raise ConfigError(
            f"{config}: _base_ {base!r} is neither a file beside it{nearest(name, shipped)} "
            f"nor a shipped config: {listing(shipped)}"
        )

    # mmengine has no door for this; its reader asks the class for the path of each base
    Config._get_cfg_path = staticmethod(path_of)
    try:
        yield
    finally:
        Config._get_cfg_path = staticmethod(own)
