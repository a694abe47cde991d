"""Enhancement over HTTP: ``lowface serve`` for programs, ``lowface demo`` for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lowface_core as lf

if TYPE_CHECKING:
    import click


@lf.hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds ``lowface serve`` and ``lowface demo``.

    They need ``pip install "lowface[serve]"`` and ``"lowface[demo]"`` when they are called, not before.
    """
    from lowface_service.demo import demo
    from lowface_service.serve import serve

    cli.add_command(serve)
    cli.add_command(demo)
