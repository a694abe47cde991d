"""``lowface serve``."""

from __future__ import annotations

import os

import click

from lowface_core.cli.options import ConfigCommand, chosen_enhancer
from lowface_core.lazy import needed
from lowface_service.listening import listen, listening_options

TOKEN = "LOWFACE_TOKEN"


@click.command(cls=ConfigCommand)
@listening_options(port=8000, bytes_of="a body")
@click.option("--max-requests", type=click.IntRange(min=1), default=16, show_default=True, help="At once.")
@click.option(
    "--max-seconds", type=click.FloatRange(min=0.1), default=60, show_default=True, help="To send, to answer."
)
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Pictures enhanced at once.")
def serve(
    checkpoint: str | None,
    enhancer: str | None,
    enhancer_options: tuple[str, ...],
    device: str | None,
    host: str,
    port: int,
    **limits: int | float,
) -> None:
    """Enhance pictures over HTTP: POST /enhance takes a picture and answers with one.

    The body is the file itself, the answer's format follows the header Accept. GET /health, GET /metrics (Prometheus),
    GET /openapi.json. Nothing is written to disk. With LOWFACE_TOKEN set, POST /enhance needs "Authorization: Bearer
    TOKEN". SIGTERM lets running requests end, for five seconds at most.
    """
    for module in ("fastapi", "prometheus_client", "uvicorn"):
        needed(module, "serve", "lowface serve")
    from lowface_service.application import Limits, application

    network = chosen_enhancer(checkpoint, enhancer, enhancer_options, device or "auto")
    app = application(network, Limits(**limits), os.environ.get(TOKEN))  # type: ignore[arg-type]
    listen(app, host, port, "lowface serve", "serve", "serving")
