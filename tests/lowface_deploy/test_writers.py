"""What stays in float where precision is reduced."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lowface_core as lf
from lowface_core.data.images import write_image
from lowface_deploy.writers import whole_picture_parts


def test_the_parts_that_describe_the_whole_picture_are_found() -> None:
    assert whole_picture_parts(lf.build("enhancer", "night", size="small")) == ["level"]
    assert whole_picture_parts(lf.build("enhancer", "retinex", channels=4)) == []


@pytest.mark.slow
@pytest.mark.parametrize("form", ["onnx", "openvino"])
def test_the_night_enhancer_is_exported_with_eight_bits(form: str, lowface: Callable[..., Any], tmp_path: Path) -> None:
    pytest.importorskip("nncf", reason='NNCF is no part of lowface[test]; pip install "lowface[openvino]"')
    darkening = {"type": "sensor", "exposure": [0.04, 0.2]}
    faces = lf.build("dataset", "rendered_faces", size=128, identities=12, pictures=1, degradation=darkening)
    for number in range(12):
        write_image(tmp_path / "dark" / f"{number}.png", faces.item(number, np.random.default_rng(number))["low"])
    done = lowface("export", "night/base", "--format", form, "--precision", "int8", "--calibrate", "dark")
    assert done.code == 0, done.err
    assert float(re.findall(r"PSNR ([\d.]+) dB", done.out)[0]) > 45
