"""``lowface detect``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lowface_core.cli.options import PATH, ConfigCommand
from lowface_recognition.options import settings_of, shared_options


@click.command(cls=ConfigCommand)
@click.option("--data", type=PATH, help="Folder of pictures with boxes, as DARK FACE's (--data-options type=exdark).")
@click.option("--classes", multiple=True, help="Of the boxes' classes those that count, e.g. People [default: all].")
@click.option(
    "--confidence",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.02,
    show_default=True,
    help="Lowest score of a box that the detector gives.",
)
@shared_options
def detect(data: Path | None, classes: tuple[str, ...], confidence: float, as_json: bool, **options: Any) -> None:
    """Are faces found? Average precision of a detector, before and after enhancement.

    DARK FACE's protocol (AP at an overlap of 0.5) and COCO's AP (mean over 0.5 to 0.95), matched by pycocotools. The
    detector is that of the config's heads.face, the same for low, enhanced and normal. The same command again continues
    or prints what is there.
    """
    if options["aligned"]:
        raise click.UsageError("--aligned: there is nothing to detect on aligned crops")
    if options["normal"] is not None:
        raise click.UsageError("--normal: pictures with boxes come alone, or from a data set that has both")
    settings = settings_of(**options)
    if data is None and "type" not in settings.data_options:
        raise click.UsageError("give --data FOLDER, or a data set that needs none by --data-options type=NAME")
    from lowface_recognition.commands import run
    from lowface_recognition.detection.average_precision import coco_evaluation
    from lowface_recognition.detection.detect import Detection, open_pictures

    coco_evaluation([], [], [])  # told now, not after hours of detecting, where it is missing
    dataset = open_pictures(data, settings.data_options)
    run(Detection(dataset, classes, confidence, settings, {"data": data}), as_json)
