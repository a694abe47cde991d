"""``lowface serve``."""

from __future__ import annotations

import os

import click

from lowface_core.cli.options import CHECKPOINT, DEVICE, ConfigCommand, chosen_enhancer, enhancer_options
from lowface_core.lazy import needed
from lowface_service.listening import listen

TOKEN = "LOWFACE_TOKEN"


@click.command(cls=ConfigCommand)
@CHECKPOINT
@enhancer_options
@DEVICE
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--max-bytes", type=click.IntRange(min=1), default=20_000_000, show_default=True, help="Of a body.")
@click.option("--max-pixels", type=click.IntRange(min=1), default=24_000_000, show_default=True, help="Of a picture.")
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
