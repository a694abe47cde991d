"""The head ``onnx`` in its four roles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import lowface_core as lf
from lowface_core.errors import ConfigError, WeightsError
from lowface_face.encoder import TEMPLATE_112

FILE = "face_recognition_sface_2021dec_int8bq.onnx"


def head(path: Path, role: str, **keywords: Any) -> Any:
    return lf.build("head", "onnx", weights=str(path), role=role, **keywords)


def test_classifier_scales_and_orders_what_it_is_shown(resnet: Path) -> None:
    picture = torch.rand(1, 3, 64, 64, requires_grad=True)
    plain = head(resnet, "classifier")
    assert plain(picture).shape == (1, 7)
    scaled = head(resnet, "classifier", channels="bgr", scale=255, mean=[1.0, 2.0, 3.0], std=2.0)
    by_hand = (picture.flip(1) * 255 - torch.tensor([1.0, 2.0, 3.0]).view(1, 3, 1, 1)) / 2
    torch.testing.assert_close(scaled(picture), plain(by_hand))
    scaled(picture).sum().backward()
    assert picture.grad.abs().sum() > 0


def test_probabilities_become_logits(onnx_package: Any, graph: Any) -> None:
    node = onnx_package.helper.make_node
    nodes = [node("GlobalAveragePool", ["x"], ["p"]), node("Flatten", ["p"], ["f"]), node("Softmax", ["f"], ["y"])]
    picture = torch.rand(2, 3, 8, 8)
    found = head(graph(nodes), "classifier", probabilities=True)(picture)
    torch.testing.assert_close(found, picture.mean((2, 3)).log_softmax(1))


def test_features_are_values_of_the_graph(onnx_package: Any, graph: Any) -> None:
    node = onnx_package.helper.make_node
    path = graph(
        [node("Neg", ["x"], ["low"]), node("GlobalAveragePool", ["low"], ["p"]), node("Flatten", ["p"], ["y"])]
    )
    features = head(path, "features", outputs=["low", "y"])
    picture = torch.rand(2, 3, 8, 8)
    assert features.layers == ("low", "y")
    assert torch.equal(features(picture, "low"), -picture)
    torch.testing.assert_close(features(picture, "y"), -picture.mean((2, 3), keepdim=True))
    assert features(torch.rand(1, 3, 20, 12), "low").shape == (1, 3, 8, 8)  # brought to what the file is made for


def test_encoder_is_sface_as_it_is_read_by_hand(onnx_package: Any, weights: Path) -> None:
    found = head(weights / FILE, "encoder", scale=255)
    expected = lf.build("head", "sface", weights=str(weights / FILE))
    crops = torch.rand(2, 3, 112, 112)
    torch.testing.assert_close(found(crops), expected(crops), atol=1e-4, rtol=0)
    assert (found.dim, found.crop_size) == (128, (112, 112))
    torch.testing.assert_close(found.template, torch.tensor(TEMPLATE_112))
    face = lf.build("head", "face", encoder=found, locate="labels")
    picture, marks = torch.rand(1, 3, 130, 130, requires_grad=True), torch.tensor(TEMPLATE_112)[None] + 5
    face(picture, landmarks=marks).embedding[0, 0].backward()
    assert picture.grad.abs().sum() > 0


def test_encoder_knows_its_crop_and_template(onnx_package: Any, graph: Any) -> None:
    nodes = [onnx_package.helper.make_node("GlobalAveragePool", ["x"], ["y"])]
    path = graph(nodes, shape=("batch", 3, "height", "width"))
    with pytest.raises(ConfigError, match="does not say how large a crop is; set input_size=112"):
        head(path, "encoder")
    points = [[1.0, 2.0]] * 5
    found = head(path, "encoder", input_size=[112, 96], template=points)
    assert (found.crop_size, found.dim) == ((112, 96), 3)
    assert found.template.tolist() == points
    with pytest.raises(ConfigError, match="template: must be five points"):
        head(path, "encoder", input_size=96, template=points[:4])


def test_detector_gives_faces_in_pixels_of_the_picture(onnx_package: Any, graph: Any) -> None:
    boxes = np.array([[[2, 2, 4, 4], [2.1, 2, 4, 4], [6, 6, 2, 2], [1, 1, 1, 1]]], np.float32)  # centre and size
    scores = np.array([[[0.7], [0.9], [0.8], [0.1]]], np.float32)
    points = np.arange(40, dtype=np.float32).reshape(1, 4, 10)
    node = onnx_package.helper.make_node
    zero = [node("ReduceMean", ["x", "axes"], ["m"], keepdims=0), node("Mul", ["m", "no"], ["zero"])]
    nodes = [*zero, *(node("Add", ["zero", held], [f"{held}s"]) for held in ("box", "score", "point"))]
    arrays = {"axes": np.array([0, 1, 2, 3]), "no": np.float32(0), "box": boxes, "score": scores, "point": points}
    path = graph(nodes, {key: np.asarray(value) for key, value in arrays.items()}, outputs=("boxs", "scores", "points"))
    detector = head(path, "detector", box_format="cxcywh", confidence=0.5, nms=0.5)
    (found,) = detector(torch.rand(1, 3, 16, 24))  # twice and three times the network's 8 x 8
    torch.testing.assert_close(found.boxes, torch.tensor([[0.3, 0, 12.3, 8], [15, 10, 21, 14]]))
    torch.testing.assert_close(found.scores, torch.tensor([0.9, 0.8]))
    torch.testing.assert_close(found.landmarks[0, 0], torch.tensor([10 * 3.0, 11 * 2.0]))
    with pytest.raises(WeightsError, match="not boxes"):
        head(path, "detector", outputs=["scores", "boxs", "points"])(torch.rand(1, 3, 8, 8))


def test_keywords_of_other_roles_are_refused(resnet: Path) -> None:
    with pytest.raises(ConfigError, match="template: is for role='encoder', and this head is role='classifier'"):
        head(resnet, "classifier", template=[[0.0, 0.0]] * 5)
    with pytest.raises(ConfigError, match="outputs: role='classifier' reads 1, and 2 are named"):
        head(resnet, "classifier", outputs=["logits", "more"])
    with pytest.raises(ConfigError, match="outputs: role='detector' reads 3, and 1 are named"):
        head(resnet, "detector")
