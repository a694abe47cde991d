"""The head ``torchscript``: a network out of a TorchScript archive, in whichever role."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from lowface_core.registry.bounds import Count, Inside, Positive
from lowface_foreign.opened_detector import BoxFormat
from lowface_foreign.picture_input import Channels, PictureInput, side_pair
from lowface_foreign.role import Role, check_role, head_of
from lowface_foreign.torchscript_network import TorchScriptNetwork


def torchscript(
    weights: str | Path,
    role: Role,
    outputs: Count = 1,
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
    """A TorchScript archive as a frozen head whose gradient reaches the picture.

    The archive holds code, which torch interprets: open only files of people whom you trust, or take the network as
    ONNX, which holds none.

    Args:
        weights: the file, as ``torch.jit.save`` writes it.
        role: see the head ``onnx``.
        outputs: how many answers of the network are read, in its own order: the layers ``output_0``, ``output_1``, … of
            features; 3 of a detector: boxes, scores, landmarks.
        input_size: one side, or [height, width], that pictures are brought to; None: their own. An encoder needs it.
        channels, scale, mean, std, template, probabilities, box_format, relative, confidence, nms: see the head
            ``onnx``.

    Raises:
        WeightsError: the file cannot be read, or does not answer as its role needs.
        ConfigError: a keyword does not suit the role.
    """
    options = {"template": template, "probabilities": probabilities, "box_format": box_format, "relative": relative}
    names = [f"output_{place}" for place in range(outputs)]
    given = check_role(role, names, {**options, "confidence": confidence, "nms": nms})
    network = TorchScriptNetwork(weights, outputs)
    entry = PictureInput(side_pair(input_size, "input_size"), channels, scale, mean, std)
    return head_of(network, entry, role, given)
