"""Enhancement over HTTP: ``lowface serve``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lowface_core as lf

if TYPE_CHECKING:
    import click


@lf.hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds ``lowface serve``; it needs ``pip install "lowface[serve]"`` when it is called, not before."""
    from lowface_service.serve import serve

    cli.add_command(serve)
