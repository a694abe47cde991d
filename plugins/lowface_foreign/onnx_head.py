"""The head ``onnx``: a differentiable network out of an ONNX file, in whichever role."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import nn

from lowface_core.registry.bounds import Inside, Positive
from lowface_foreign.onnx_network import OnnxNetwork
from lowface_foreign.opened_detector import BoxFormat
from lowface_foreign.picture_input import Channels, PictureInput, side_pair
from lowface_foreign.role import READS, Role, check_role, head_of


def onnx(
    weights: str | Path,
    role: Role,
    outputs: list[str] | None = None,
    input_size: int | list[int] | None = None,
    channels: Channels = "rgb",
    scale: Positive = 1.0,
    mean: float | list[float] = 0.0,
    std: float | list[float] = 1.0,
    template: list[list[float]] | None = None,
    probabilities: bool | None = None,
    box_format: BoxFormat | None = None,
    relative: bool | None = None,
    confidence: Inside | None = None,
    nms: Inside | None = None,
) -> nn.Module:
    """An ONNX file as a frozen head whose gradient reaches the picture; needs ``pip install "lowface[onnx2torch]"``.

    Quantised weights, whole or in blocks, are made float32; operators of newer opsets are said in those that onnx2torch
    knows. Nothing of the file is executed but constant arithmetic, and none of its names gets into code.

    Args:
        weights: the file, with its ``.data`` beside it if it has one.
        role: ``"encoder"`` (aligned crops → (B,D) of unit length, for ``face``), ``"classifier"`` (pictures → logits
            (B,K)), ``"features"`` (picture and layer → (B,C,h,w)) or ``"detector"`` (pictures → faces).
        outputs: names of values in the graph: one for an encoder or classifier, the layers of features, and boxes,
            scores and landmarks of a detector, in this order; None: the file's own outputs, the first where
            one is read.
        input_size: one side, or [height, width], that pictures are brought to; None: what the file is made for, or the
            pictures' own where it takes any.
        channels: their order in the network's input.
        scale: 1 for networks of pictures in [0,1], 255 for those of pictures in 0..255.
        mean, std: of pictures already scaled, in the order of ``channels``: (picture · scale − mean) / std goes in.
        template: encoder: where the five landmarks belong in a crop, [x, y] pixels; None: ArcFace's places.
        probabilities: classifier: the file ends with a softmax.
        box_format: detector: ``"xyxy"`` (default), ``"xywh"`` or ``"cxcywh"``.
        relative: detector: its numbers are shares of the picture's sides.
        confidence: detector: least score of a face; 0.6.
        nms: detector: largest overlap of two faces; 0.3.

    Raises:
        PluginError: onnx or onnx2torch is not installed.
        WeightsError: the file cannot be read or converted, or does not answer as its role needs.
        ConfigError: a keyword does not suit the role or the file.
    """
    options = {"template": template, "probabilities": probabilities, "box_format": box_format, "relative": relative}
    given = check_role(role, outputs, {**options, "confidence": confidence, "nms": nms})
    network = OnnxNetwork(weights, outputs)
    if outputs is None:
        check_role(role, _read(role, network.outputs), given)
    entry = PictureInput(side_pair(input_size, "input_size") or network.size, channels, scale, mean, std)
    return head_of(network, entry, role, given)


def _read(role: Role, outputs: Sequence[str]) -> Sequence[str]:
    """Of a file's own outputs those that a role reads: no more than it can."""
    return outputs[: READS[role][1]]
