"""A web application that listens until it is told to stop."""

from __future__ import annotations

from typing import Any

import click

from lowface_core.errors import LowfaceError
from lowface_core.lazy import needed

#: Seconds that running requests have after SIGTERM.
GRACE = 5


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
