"""Wrong values over shipped components: each is one line with path, what was expected, and the value."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from lowface_core.config.build import build
from lowface_core.config.check import check_component
from lowface_core.config.load import load
from lowface_core.errors import ConfigError
from lowface_metrics.psnr import psnr
from lowface_metrics.ssim import ssim

Lowface = Callable[..., Any]
WriteConfig = Callable[..., Path]
LINEAR = {"type": "linear"}


def loss(name: str, **given: Any) -> dict[str, Any]:
    return {"losses": {"x": {"type": name, **given}}}


def head(name: str, **given: Any) -> dict[str, Any]:
    return {"heads": {"x": {"type": name, "weights": "embedded", **given}}}


def enhancer(**given: Any) -> dict[str, Any]:
    return {"enhancer": {"type": "retinex", **given}}


def faces(**given: Any) -> dict[str, Any]:
    return {"train_dataset": {"type": "rendered_faces", "degradation": LINEAR, **given}}


def degradation(name: str, **given: Any) -> dict[str, Any]:
    return faces(degradation={"type": name, **given})


#: What is changed in a right config; where the fault is; what was expected there.
WRONG: list[tuple[dict[str, Any], str, str]] = [
    (loss("smoothness", sigma="0,1"), "losses.x.sigma", "a number > 0, not '0,1'"),
    (loss("smoothness", sigma=0), "losses.x.sigma", "a number > 0, not 0"),
    (loss("smoothness", sigma=float("nan")), "losses.x.sigma", "a number > 0, not nan"),
    (loss("smoothness", form="papr"), "losses.x.form", "one of 'paper', 'released', not 'papr'; did you mean 'paper'?"),
    (loss("smoothness", weight="0,1"), "losses.x.weight", "a number, not '0,1'"),
    (loss("smoothness", weight=True), "losses.x.weight", "a number, not True"),
    (loss("brightness_cr", eps=float("inf")), "losses.x.eps", "a number >= 0, not inf"),
    (loss("brightness_cr", eps=-1), "losses.x.eps", "a number >= 0, not -1"),
    (loss("brightness_cr", negatives="yes"), "losses.x.negatives", "True or False, not 'yes'"),
    (loss("brightness_cr", negatives=-1), "losses.x.negatives", "True or False, not -1"),
    (loss("feature_cr", layers="relu1_2"), "losses.x.layers", "a list of at least 1, each text, not 'relu1_2'"),
    (loss("feature_cr", layer_weights=["a"]), "losses.x.layer_weights", "a list, each a number, not ['a']"),
    (loss("identity", scale=0), "losses.x.scale", "a number > 0 or None, not 0"),
    (loss("perceptual", layer=3), "losses.x.layer", "text, not 3"),
    (loss("semantic_brightness", num_classes=300), "losses.x.num_classes", "an integer >= 1 and <= 255, not 300"),
    (enhancer(channels=3.5), "enhancer.channels", "an integer >= 1, not 3.5"),
    (enhancer(channels=True), "enhancer.channels", "an integer >= 1, not True"),
    (enhancer(illumination_channels=2), "enhancer.illumination_channels", "one of 1, 3, not 2"),
    (enhancer(floor=0), "enhancer.floor", "a number > 0 and <= 1, not 0"),
    (enhancer(start=1), "enhancer.start", "a number > 0 and < 1 or None, not 1"),
    (faces(size="96px"), "train_dataset.size", "an integer >= 16 and <= 512, not '96px'"),
    (faces(size=8), "train_dataset.size", "an integer >= 16 and <= 512, not 8"),
    (faces(contrast=0), "train_dataset.contrast", "True or False, not 0"),
    (faces(pictures=None), "train_dataset.pictures", "an integer >= 1, not None"),
    (degradation("linear", low="dark"), "train_dataset.degradation.low", "a number > 0 and <= 1, not 'dark'"),
    (degradation("sensor", bits=4), "train_dataset.degradation.bits", "an integer >= 8 and <= 16, not 4"),
    (degradation("sensor", jpeg=[90]), "train_dataset.degradation.jpeg", "a number >= 1 and <= 100 or "),
    (degradation("haze", density="thick"), "train_dataset.degradation.density", "a number >= 0 or "),
    (head("face_encoder", dim="big"), "heads.x.dim", "an integer >= 1, not 'big'"),
    (head("deeplabv3plus", input_size=-64), "heads.x.input_size", "an integer >= 1 or None, not -64"),
    ({"metrics": {"psnr": {"type": "psnr", "variant": "lab"}}}, "metrics.psnr.variant", "one of "),
    (head("vgg16", normalize=1), "heads.x.normalize", "True or False, not 1"),
]


@pytest.mark.parametrize(("changes", "path", "expected"), WRONG)
def test_a_wrong_value_is_one_line_with_its_path(
    lowface: Lowface, write_config: WriteConfig, changes: dict[str, Any], path: str, expected: str
) -> None:
    result = lowface("config", "check", write_config(**changes))
    assert result.code == 1
    (line,) = [line for line in result.err.splitlines() if path in line]
    assert f"{path}: must be {expected}" in line
    assert "Traceback" not in result.err
    assert "plugin" not in result.err


#: Kind, component, keyword, values that it must not have, and a part of the fault.
OUTSIDE: list[tuple[str, str, str, list[Any], str]] = [
    ("enhancer", "gamma", "gamma", [0, -1, math.nan, math.inf, True, "bright"], "> 0"),
    ("enhancer", "retinex", "channels", [0, 2.0], ">= 1"),
    ("enhancer", "retinex", "illumination_channels", [2, True], "one of 1, 3"),
    ("enhancer", "retinex", "residual", ["inptu"], "did you mean 'input'"),
    ("enhancer", "retinex", "init", ["xavier"], "'he'"),
    ("loss", "feature_cr", "layers", ["relu1_2", []], "at least 1"),
    ("loss", "feature_cr", "eps", [-1.0], ">= 0"),
    ("loss", "brightness_cr", "form", ["release"], "did you mean 'released'"),
    ("loss", "color", "form", ["papr", None], "'paper'"),
    ("loss", "identity", "form", ["papers"], "did you mean 'paper'"),
    ("loss", "identity", "margin", [1.5], "< 1"),
    ("loss", "identity", "margin_type", ["arcfase"], "did you mean 'arcface'"),
    ("loss", "identity", "scale", [0], "> 0"),
    ("loss", "semantic_brightness", "form", ["papers"], "did you mean 'paper'"),
    ("loss", "semantic_brightness", "regions", ["label"], "did you mean 'labels'"),
    ("loss", "semantic_brightness", "num_classes", [0, 2.5], ">= 1"),
    ("dataset", "rendered_faces", "size", [8, 1024, 64.0], ">= 16 and <= 512"),
    ("dataset", "rendered_faces", "first_identity", [-1], ">= 0"),
    ("dataset", "rendered_faces", "identities", [0], ">= 1"),
    ("dataset", "rendered_faces", "seed", [-1], ">= 0"),
    ("dataset", "rendered_faces", "cache_size", [-1], ">= 0"),
    ("dataset", "lapa_face", "size", [0, "64", True], ">= 1"),
    ("dataset", "lapa_face", "limit", [0, 2.5], ">= 1"),
    ("dataset", "lfw", "min_pictures", [0], ">= 1"),
    ("dataset", "image_folder", "light", ["dark"], "'normal'"),
    ("dataset", "contrast", "seed", [-1], ">= 0"),
    ("dataset", "augmented", "flip", [1.5], "<= 1"),
    ("dataset", "augmented", "crop", [0], ">= 1"),
    ("degradation", "linear", "low", [0.0, -0.1, math.nan, None], "> 0"),
    ("degradation", "linear", "high", [1.2, "0,4"], "<= 1"),
    ("degradation", "gamma_noise", "gamma", [0], "> 0"),
    ("degradation", "gamma_noise", "noise", ["faint"], "a number"),
    ("degradation", "sensor", "exposure", [[0.1, 1.5]], "<= 1"),
    ("degradation", "sensor", "electrons", [math.nan], ">= 1"),
    ("degradation", "sensor", "jpeg", [[0, 50]], ">= 1"),
    ("degradation", "additive_noise", "std", [-0.1], ">= 0"),
    ("degradation", "haze", "airlight", [[0.5, True]], "a number"),
    ("head", "small_features", "widths", [[16, 32, 64]], "list of 4"),
    ("head", "timm_classifier", "num_classes", [0], ">= 1"),
    ("head", "timm_features", "input_size", [0], ">= 1"),
    ("head", "deeplabv3plus", "backbone", ["tiny"], "one of "),
    ("head", "deeplabv3plus", "num_classes", [1, 2.0, True], ">= 2"),
    ("head", "deeplabv3plus", "input_size", [0, 96.0, True], ">= 1"),
    ("head", "deeplabv3plus_mobilenet", "output_stride", [4], "one of 8, 16"),
    ("head", "mtcnn", "smallest_face", [3], ">= 12"),
    ("head", "mtcnn", "thresholds", [[0.6, 0.7]], "list of 3"),
    ("head", "mtcnn", "thresholds", [[0.6, 0.7, 1.0]], "< 1"),
    ("head", "mtcnn", "factor", [1.5], "< 1"),
    ("head", "retinaface", "input_size", [8], ">= 32"),
    ("head", "retinaface", "confidence", [1.5], "< 1"),
    ("head", "retinaface", "nms", [0], "> 0"),
    ("head", "retinaface", "backbone", ["resnet5"], "did you mean 'resnet50'"),
    ("head", "retinaface", "channels", ["RGB"], "'bgr'"),
    ("head", "face", "locate", ["label"], "did you mean 'labels'"),
    ("head", "face", "align", ["eye"], "did you mean 'eyes'"),
    ("metric", "psnr", "variant", ["rbg"], "did you mean 'rgb'"),
    ("metric", "ssim", "variant", ["realised"], "did you mean 'released'"),
    ("metric", "lpips", "variant", ["alexnet"], "did you mean 'alex'"),
    ("metric", "fid", "variant", ["tf"], "'inception_tf'"),
    ("metric", "niqe", "variant", ["grey"], "'released'"),
]


@pytest.mark.parametrize(("kind", "name", "keyword", "values", "part"), OUTSIDE)
def test_shipped_components_say_what_they_take(
    kind: str, name: str, keyword: str, values: list[Any], part: str
) -> None:
    for value in values:
        faults = [f for f in check_component(kind, {"type": name, keyword: value}, "x") if "missing" not in f]
        assert len(faults) == 1, value
        assert faults[0].startswith(f"x.{keyword}: must be ")
        assert part in faults[0]
        assert f"not {value!r}" in faults[0]


@pytest.mark.parametrize(("measure", "variant"), [(psnr, "rbg"), (ssim, "realised")])
def test_building_and_the_functions_of_metrics_check_too(measure: Any, variant: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"metric {measure.__name__}\.variant: must be .* not '{variant}'; did you mean"
    ):
        build("metric", measure.__name__, variant=variant)
    with pytest.raises(ConfigError, match="did you mean"):
        measure(*torch.zeros(2, 1, 3, 16, 16), variant)


def test_they_are_of_ten_components_at_least() -> None:
    names = {str(changes).split("'type': '")[-1].split("'")[0] for changes, _, _ in WRONG}
    assert len(WRONG) >= 30
    assert len(names) >= 10


def test_all_of_them_are_listed_at_once(lowface: Lowface, write_config: WriteConfig) -> None:
    wrong = {"sigma": "0,1", "form": "papr", "weight": "x", "sigmaa": 1}
    result = lowface(
        "config", "check", write_config(**loss("smoothness", **wrong), **enhancer(floor=0), batch_size="8")
    )
    assert result.code == 1
    keys = ["sigmaa", "sigma", "form", "weight"]
    paths = [line.removeprefix("lowface: ").split(": ")[0] for line in result.err.splitlines()]
    assert paths == ["batch_size", "enhancer.floor", *(f"losses.x.{key}" for key in keys)]


def test_numbers_that_are_written_as_text_reach_the_factory(write_config: WriteConfig, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("lr: 1e-4\nlosses: {x: {type: smoothness, weight: 1e-3, sigma: 2e-1}}\n")
    cfg = load(str(path))
    assert (cfg["lr"], cfg["losses"]["x"]["weight"]) == (1e-4, 1e-3)
    assert build("loss", "smoothness", sigma=cfg["losses"]["x"]["sigma"]).sigma == 0.2
    assert build("degradation", "linear", low="1e-1", high=1).high == 1.0
