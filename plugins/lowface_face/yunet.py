"""The head ``yunet``: pictures in [0,1] → faces, as OpenCV's ``FaceDetectorYN`` finds them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.ops import batched_nms

from lowface_core.weights.state_dict import load_weights

from .detections import Detections, Share
from .yunet_network import STRIDES, YuNetNet


@lru_cache(maxsize=32)
def cell_grid(height: int, width: int, device: torch.device | str = "cpu") -> Tensor:
    """Column, row and stride of every cell of a picture, (A,3), in the network's order; do not write into it."""
    grids = []
    for stride in STRIDES:
        rows, columns = (torch.arange(side // stride, dtype=torch.float32) for side in (height, width))
        y, x = torch.meshgrid(rows, columns, indexing="ij")
        grids.append(torch.stack([x, y, torch.full_like(x, stride)], -1).reshape(-1, 3))
    return torch.cat(grids).to(device)


def decode(boxes: Tensor, points: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
    """The network's numbers (N,4), (N,10) at cells (N,3) → boxes (N,4) xyxy and points (N,5,2), pixels."""
    corner, stride = cells[:, :2], cells[:, 2:]
    middle, half = (corner + boxes[:, :2]) * stride, boxes[:, 2:].clamp(max=10).exp() * stride / 2
    found = torch.cat([middle - half, middle + half], 1)
    return found, (points.unflatten(1, (5, 2)) + corner[:, None]) * stride[..., None]


class YuNet(nn.Module):
    """Small face detector with five landmarks (YuNet, 53 thousand parameters).

    Needs ``pip install "lowface[onnx]"`` where the weights are an ONNX file. A picture is taken at its own size, shrunk
    where its longer side exceeds 640 and padded with black to multiples of 32, as OpenCV pads it.

    Args:
        weights: ONNX file of OpenCV Zoo (``face_detection_yunet_2023mar.onnx`` or its quantised form with whole numbers
            for weights), or a checkpoint of this network.
        confidence: least score of a face.
        nms: boxes that overlap a better one by more than this intersection over union are dropped.

    Raises:
        WeightsError: the file is not such a one.
    """

    #: Longest side that the network sees; it was trained on pictures of 640 x 640.
    LONGEST = 640

    def __init__(self, weights: str | Path, confidence: Share = 0.6, nms: Share = 0.3) -> None:
        super().__init__()
        self.confidence, self.nms = confidence, nms
        self.network = YuNetNet()
        load_weights(self.network, weights)
        self.eval()

    @torch.no_grad()
    def forward(self, image: Tensor) -> list[Detections]:
        """Detects faces; carries no gradient.

        Args:
            image: (B,3,H,W) RGB in [0,1].

        Returns:
            One :class:`~lowface_face.detections.Detections` per picture, in pixels of ``image``.
        """
        x, scale = image.flip(1) * 255, min(self.LONGEST / max(image.shape[-2:]), 1.0)
        if scale < 1:
            size = [max(round(side * scale), 1) for side in image.shape[-2:]]
            x = F.interpolate(x, size=size, mode="bilinear", align_corners=False, antialias=True)
        height, width = x.shape[-2:]
        x = F.pad(x, (0, -width % 32, 0, -height % 32))
        scores, boxes, points = self.network(x)
        picture, cell = torch.nonzero(scores >= self.confidence, as_tuple=True)
        cells = cell_grid(x.shape[-2], x.shape[-1], x.device)[cell]
        found, landmarks = decode(boxes[picture, cell].float(), points[picture, cell].float(), cells)
        certain = scores[picture, cell].float()
        keep = batched_nms(found, certain, picture, self.nms)  # best score first
        back = found.new_tensor([image.shape[-1] / width, image.shape[-2] / height])
        found, landmarks, certain = found[keep] * back.repeat(2), landmarks[keep] * back, certain[keep]
        owner = picture[keep]
        return [
            Detections(found[own], certain[own], landmarks[own])
            for own in (owner == index for index in range(len(image)))
        ]
