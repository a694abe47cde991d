from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lowface_core.report.brightness import BINS, brightness, histogram
from lowface_core.report.galleries import Gallery


def test_the_histogram_is_that_of_rec_601_luma() -> None:
    share, mean = histogram([Image.new("RGB", (8, 8), "black"), Image.new("RGB", (2, 2), "white")])
    assert (share[0], share[-1]) == (0.5, 0.5)  # each picture weighs the same
    assert share.sum() == pytest.approx(1)
    assert mean == pytest.approx(0.5)
    share, mean = histogram([Image.new("RGB", (4, 4), (255, 0, 0))])
    assert mean == pytest.approx(0.299)
    assert int(np.argmax(share)) == int(0.299 * BINS)


def test_the_chart_says_what_it_was_made_from() -> None:
    dark, bright = Image.new("RGB", (4, 4), (20, 20, 20)), Image.new("RGB", (4, 4), (200, 200, 200))
    images = {"low": [dark] * 3, "enhanced by gamma": [bright] * 3, "illumination": [bright]}
    chart = brightness(Gallery("g", "Samples", images=images), {"gamma": "m3"})
    assert chart is not None
    assert [name for _, name in chart.legend] == ["low (mean 0.08)", "enhanced by gamma (mean 0.78)"]
    assert "3 pictures shown under “Samples”" in chart.note
    assert "tone-m3" in chart.picture
    assert len(chart.rows) == BINS
    assert brightness(Gallery("g", "Samples"), {}) is None
