"""``lowface demo``."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import click

from lowface_core.cli.options import ConfigCommand, chosen_enhancer
from lowface_core.lazy import needed
from lowface_service.listening import listen, listening_options

#: What gradio and what it brings read when they are imported: they tell nobody anything, and browsers keep nothing.
SILENT = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
}


@click.command(cls=ConfigCommand)
@listening_options(port=7860, bytes_of="a file")
def demo(
    checkpoint: str | None,
    enhancer: str | None,
    enhancer_options: tuple[str, ...],
    device: str | None,
    host: str,
    port: int,
    max_bytes: int,
    max_pixels: int,
) -> None:
    """Show an enhancer in a browser: drop a picture, move the slider between before and after, download the result.

    Pictures lie in a temporary folder, which goes when the demo ends; nothing is sent to another machine.
    """
    signal.signal(signal.SIGTERM, _ended)  # which else ends the process at once, and leaves the folder
    with tempfile.TemporaryDirectory(prefix="lowface-demo-", ignore_cleanup_errors=True) as folder:
        os.environ.update({**SILENT, "GRADIO_TEMP_DIR": folder})
        needed("gradio", "demo", "lowface demo")
        from lowface_service.demo_page import demo_page

        network = chosen_enhancer(checkpoint, enhancer, enhancer_options, device or "auto")
        page = demo_page(network, Path(folder), max_bytes, max_pixels)
        listen(page, host, port, "lowface demo", "demo", "demo")


def _ended(number: int, frame: object) -> None:
    raise SystemExit(128 + number)
