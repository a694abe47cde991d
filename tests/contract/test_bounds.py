"""Choices and bounds of faces and metrics: a value outside is one line with its path, before anything is built."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import lowface_core as lf
from lowface_core.errors import ConfigError
from lowface_metrics.psnr import psnr
from lowface_metrics.ssim import ssim

WRONG = [
    ("head", "mtcnn", {"smallest_face": 3}, ">= 12"),
    ("head", "mtcnn", {"thresholds": [0.6, 0.7]}, "list of 3"),
    ("head", "mtcnn", {"thresholds": [0.6, 0.7, 1.0]}, "< 1"),
    ("head", "mtcnn", {"factor": 1.5}, "< 1"),
    ("head", "retinaface", {"input_size": 8}, ">= 32"),
    ("head", "retinaface", {"confidence": 1.5}, "< 1"),
    ("head", "retinaface", {"nms": 0}, "> 0"),
    ("head", "retinaface", {"backbone": "resnet5"}, "did you mean 'resnet50'"),
    ("head", "retinaface", {"channels": "RGB"}, "'bgr'"),
    ("head", "face", {"locate": "label"}, "did you mean 'labels'"),
    ("head", "face", {"align": "eye"}, "did you mean 'eyes'"),
    ("loss", "identity", {"form": "papers"}, "did you mean 'paper'"),
    ("loss", "identity", {"scale": 0}, "> 0"),
    ("loss", "identity", {"margin": 1.5}, "< 1"),
    ("loss", "identity", {"margin_type": "arcfase"}, "did you mean 'arcface'"),
    ("metric", "psnr", {"variant": "rbg"}, "did you mean 'rgb'"),
    ("metric", "ssim", {"variant": "realised"}, "did you mean 'released'"),
    ("metric", "lpips", {"variant": "alexnet"}, "did you mean 'alex'"),
    ("metric", "fid", {"variant": "tf"}, "'inception_tf'"),
    ("metric", "niqe", {"variant": "grey"}, "'released'"),
]


@pytest.mark.parametrize(("kind", "name", "keywords", "part"), WRONG)
def test_a_value_outside_is_named_with_its_path(kind: str, name: str, keywords: dict[str, Any], part: str) -> None:
    with pytest.raises(ConfigError) as raised:
        lf.build(kind, name, **keywords)
    ((keyword, value),) = keywords.items()
    (line,) = [line for line in str(raised.value).splitlines() if line.startswith(f"{kind} {name}.{keyword}: ")]
    assert part in line
    assert f"not {value!r}" in line


@pytest.mark.parametrize("measure", [psnr, ssim])
def test_functions_check_their_variant_too(measure: Any) -> None:
    with pytest.raises(ConfigError, match="did you mean"):
        measure(*torch.zeros(2, 1, 3, 16, 16), "realised" if measure is ssim else "rbg")
