"""A detector of faces out of another file, which answers with boxes and scores."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torchvision.ops import batched_nms, box_convert

from lowface_core.errors import WeightsError
from lowface_core.registry.bounds import Inside
from lowface_face.detections import Detections
from lowface_foreign.opened import OpenedNetwork
from lowface_foreign.picture_input import PictureInput

BoxFormat = Literal["xyxy", "xywh", "cxcywh"]


class OpenedDetector(nn.Module):
    """Pictures (B,3,H,W) in [0,1] → one :class:`~lowface_face.detections.Detections` each; carries no gradient.

    Args:
        network: with three outputs: boxes (B,A,4), scores (B,A) or (B,A,1), landmarks (B,A,10) or (B,A,5,2).
        entry: prepares pictures for it; its size is what the boxes are measured in.
        box_format: what the four numbers are; landmarks are x and y.
        relative: numbers are shares of the picture's width and height, not pixels.
        confidence: least score of a face.
        nms: boxes that overlap a better one by more than this intersection over union are dropped.
    """

    def __init__(
        self,
        network: OpenedNetwork,
        entry: PictureInput,
        box_format: BoxFormat = "xyxy",
        relative: bool = False,
        confidence: Inside = 0.6,
        nms: Inside = 0.3,
    ) -> None:
        super().__init__()
        self.network, self.entry, self.box_format, self.relative = network, entry, box_format, relative
        self.confidence, self.nms = confidence, nms
        self.eval()

    @torch.no_grad()
    def forward(self, image: Tensor) -> list[Detections]:
        """See the class; boxes and landmarks in pixels of ``image``, best score first.

        Raises:
            WeightsError: the outputs have other shapes.
        """
        x = self.entry(image)
        boxes, scores, points = self.network(x)[:3]
        count = len(image)
        each = boxes.shape[1] if boxes.ndim == 3 and boxes.shape[-1] == 4 else 0
        if not each or scores.numel() != count * each or points.numel() != 10 * count * each:
            shapes = ", ".join(str(tuple(answer.shape)) for answer in (boxes, scores, points))
            wanted = "boxes (B,A,4), scores (B,A) and landmarks (B,A,10)"
            raise WeightsError(f"{self.network.source}: gives {shapes}, not {wanted}; name other outputs")
        scores = scores.reshape(count, -1)
        boxes = box_convert(boxes, self.box_format, "xyxy")
        points = points.reshape(count, -1, 5, 2)
        height, width = image.shape[-2:]
        seen = [1.0, 1.0] if self.relative else [x.shape[-1], x.shape[-2]]
        back = boxes.new_tensor([width / seen[0], height / seen[1]])
        boxes, points = boxes * back.repeat(2), points * back
        picture, cell = torch.nonzero(scores >= self.confidence, as_tuple=True)
        found, certain, landmarks = boxes[picture, cell], scores[picture, cell], points[picture, cell]
        keep = batched_nms(found, certain, picture, self.nms)  # best score first
        kept = [keep[picture[keep] == index] for index in range(count)]
        return [Detections(found[own], certain[own], landmarks[own]) for own in kept]
