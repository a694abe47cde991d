"""A web application that listens until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from lowface_core.cli.options import CHECKPOINT, DEVICE, enhancer_options
from lowface_core.errors import LowfaceError
from lowface_core.lazy import needed

F = TypeVar("F", bound=Callable[..., Any])
#: Seconds that running requests have after SIGTERM.
GRACE = 5


def listening_options(port: int, bytes_of: str) -> Callable[[F], F]:
    """Options that say which enhancer, where to listen, and how large a picture may be.

    Args:
        port: the default.
        bytes_of: what ``--max-bytes`` is of, for the help.
    """
    whole = click.IntRange(min=1)
    options = (
        CHECKPOINT,
        enhancer_options,
        DEVICE,
        click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all."),
        click.option("--port", type=click.IntRange(0, 65535), default=port, show_default=True),
        click.option("--max-bytes", type=whole, default=20_000_000, show_default=True, help=f"Of {bytes_of}."),
        click.option("--max-pixels", type=whole, default=24_000_000, show_default=True, help="Of a picture."),
    )

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def listen(app: Any, host: str, port: int, command: str, extra: str, what: str) -> None:
    """Serves an ASGI application until SIGTERM or SIGINT, and says on stderr where, once it does.

    Args:
        port: 0: any that is free.
        command: for messages, such as ``lowface serve``.
        extra: of lowface, that brings uvicorn.
        what: is said before the address.

    Raises:
        PluginError: uvicorn is not installed.
        LowfaceError: the address is taken, or none of this machine's.
    """
    uvicorn = needed("uvicorn", extra, command)
    config = uvicorn.Config(app, host, port, log_level="warning", timeout_graceful_shutdown=GRACE, server_header=False)
    server = uvicorn.Server(config)
    try:
        listening = config.bind_socket()
        listening.listen(config.backlog)  # before it is said, so that nobody comes too early or takes the address
    except (OSError, SystemExit) as error:
        raise LowfaceError(f"{command}: cannot listen on {host}:{port}; give another --host or --port") from error
    address = listening.getsockname()
    click.echo(f"lowface: {what} on http://{address[0]}:{address[1]}", err=True)
    server.run(sockets=[listening])
