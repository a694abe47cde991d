"""Brightness histograms of low, enhanced and normal pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from lowface_core.data.luma import FULL_RANGE
from lowface_core.report.charts import Chart, draw
from lowface_core.report.galleries import Gallery
from lowface_core.report.svg import Series

BINS = 32


def histogram(images: Sequence[Image.Image]) -> tuple[np.ndarray, float]:
    """Share of pixels per bin of brightness, and the mean brightness.

    Brightness is Rec. 601 luma of the pixel values, Y = 0.299 R + 0.587 G + 0.114 B, in [0,1].

    Args:
        images: RGB; every picture weighs the same, however many pixels it has.
    """
    shares, means = [], []
    for image in images:
        grey = np.asarray(image.convert("RGB"), dtype=np.float64) @ FULL_RANGE / 255
        counts, _ = np.histogram(grey, bins=BINS, range=(0.0, 1.0 + 1e-9))
        shares.append(counts / grey.size)
        means.append(float(grey.mean()))
    return np.mean(shares, axis=0), float(np.mean(means))


def brightness(gallery: Gallery, tones: Mapping[str, str]) -> Chart | None:
    """One chart for the pictures of a gallery; None when it has none.

    Args:
        tones: colour class by method.
    """
    lines: list[Series] = []
    means: list[int] = []
    for name, images in gallery.images.items():
        if name == "illumination":
            continue
        share, mean = histogram(images)
        centres = (np.arange(BINS) + 0.5) / BINS
        method = name.removeprefix("enhanced by ")
        tone = name if name in ("low", "enhanced", "normal") else tones.get(method, f"m{len(lines)}")
        stage = name if name in ("low", "normal") else "enhanced"
        points = tuple((float(x), float(y) * 100) for x, y in zip(centres, share, strict=True))
        lines.append(Series(f"{name} (mean {mean:.2f})", points, tone, stage))
        means.append(len(images))
    if not lines:
        return None
    note = (
        f"Rec. 601 luma of all pixels of the {max(means)} pictures shown under “{gallery.title}”, as thumbnails; "
        f"{BINS} bins, every picture weighs the same."
    )
    return draw(gallery.title, lines, "brightness", "% of pixels", x_range=(0.0, 1.0), note=note)
