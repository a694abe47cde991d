"""The head ``retinaface``: pictures in [0,1] → faces, in pixels of the picture given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import torch
import torch.nn.functional as F
from annotated_types import Ge
from torch import Tensor, nn
from torchvision.ops import batched_nms

from lowface_core.weights.state_dict import load_weights

from .anchors import anchor_grid, decode_boxes, decode_landmarks
from .detections import Detections, Share
from .retinaface import Backbone, RetinaFaceNet

#: Subtracted from red, green and blue on the 0..255 scale. These are the well-known BGR means; the weights were
#: trained with them taken off RGB pictures in this order, so that is what they expect.
MEANS = (104.0, 117.0, 123.0)
#: Grey of the letterbox' margins on the 0..255 scale.
GREY = 128.0
#: Pixels that a CPU takes at once: two pictures of 640 x 640. Sixteen of them together take three times as long: their
#: activations fit no cache, and every layer's memory is fetched anew from the system.
PIXELS_AT_ONCE = 1_000_000


class RetinaFace(nn.Module):
    """Face detector with five landmarks (RetinaFace on MobileNetV1 x0.25 or ResNet-50).

    Args:
        weights: checkpoint with the released layout (``Retinaface_mobilenet0.25.pth``), or for ``backbone="resnet50"``
            one of the public RetinaFace ResNet-50 files, which share one layout.
        input_size: side of the square that pictures are letterboxed into. None (default) gives the network the
            picture's own pixels, shrunk only when its longer side exceeds 640. The released code's results are those of
            ``input_size=640``, which also enlarges small pictures: seven times slower at 250 pixels and no better
            (LFW, 400 people, MobileFaceNet: every face found by both, rank-1 96.4 percent with None, 94.7 with 640).
        confidence: least score of a face (released code: 0.5).
        nms: boxes that overlap a better one by more than this intersection over union are dropped (released code: 0.3).
        backbone: ``mobilenet0.25``, as the paper used, or ``resnet50``: 60 times the weights.
        channels: order of the colour channels the weights were trained on, ``rgb`` or ``bgr``. The checkpoints of
            bubbliiiing/retinaface-pytorch (the paper's among them) are ``rgb``, of biubug6/Pytorch_Retinaface ``bgr``.

    Raises:
        WeightsError: the file is not such a checkpoint.
    """

    #: Longest side that the network sees when ``input_size`` is None; its largest anchor measures 512 pixels.
    LONGEST = 640

    def __init__(
        self,
        weights: str | Path,
        input_size: Annotated[int, Ge(32)] | None = None,
        confidence: Share = 0.5,
        nms: Share = 0.3,
        backbone: Backbone = "mobilenet0.25",
        channels: Literal["rgb", "bgr"] = "rgb",
    ) -> None:
        super().__init__()
        self.input_size, self.confidence, self.nms, self.channels = input_size, confidence, nms, channels
        self.network = RetinaFaceNet(backbone)
        load_weights(self.network, weights)
        self.eval()

    @torch.no_grad()
    def forward(self, image: Tensor) -> list[Detections]:
        """Faces of each ``image`` (B,3,H,W) RGB in [0,1]: one :class:`Detections` each, in its pixels; no gradient."""
        parts = image.split(self._at_once(image))
        return [found for part in parts for found in self._detect(part)]

    def _at_once(self, image: Tensor) -> int:
        """How many pictures to take at once, see :data:`PIXELS_AT_ONCE`."""
        if image.device.type != "cpu":
            return max(len(image), 1)
        longest = max(image.shape[-2:])
        side = self.input_size or min(longest, self.LONGEST)
        pixels = side**2 if self.input_size else image.shape[-2] * image.shape[-1] * (side / longest) ** 2
        return max(int(PIXELS_AT_ONCE / pixels), 1)

    def _detect(self, image: Tensor) -> list[Detections]:
        """Pictures that are taken at once; anchors, decoding and suppression for all of them together."""
        x, scale, offset = self.prepare(image)
        scores, boxes, points = self.network(x)
        # Faces of all pictures at once, known by (picture, anchor).
        picture, anchor = torch.nonzero(scores >= self.confidence, as_tuple=True)
        anchors = anchor_grid(x.shape[-2], x.shape[-1], x.device)[anchor]
        found = decode_boxes(boxes[picture, anchor].float(), anchors)
        keep = batched_nms(found, scores[picture, anchor].float(), picture, self.nms)  # best score first
        shift = found.new_tensor(offset)
        landmarks = (decode_landmarks(points[picture, anchor][keep].float(), anchors[keep]) - shift) / scale
        found = (found[keep].unflatten(-1, (2, 2)) - shift).flatten(1) / scale
        rows, certain = picture[keep], scores[picture, anchor][keep].float()
        return [
            Detections(found[own], certain[own], landmarks[own])
            for own in (rows == index for index in range(len(image)))
        ]

    def prepare(self, image: Tensor) -> tuple[Tensor, float, tuple[float, float]]:
        """The network's input, and how to come back: picture pixel = (input pixel − offset) / scale."""
        height, width = image.shape[-2:]
        x = (image.flip(1) if self.channels == "bgr" else image) * 255.0
        scale, offset = 1.0, (0.0, 0.0)
        if self.input_size is not None:
            side = self.input_size
            scale = min(side / width, side / height)
            # The margins are computed from unrounded sizes on the way back, as the released code does.
            offset = ((side - width * scale) / 2, (side - height * scale) / 2)
            w, h = int(width * scale), int(height * scale)
            left, top = (side - w) // 2, (side - h) // 2
            x = _resize(x, h, w)
            x = F.pad(x, (left, side - w - left, top, side - h - top), value=GREY)
        elif max(height, width) > self.LONGEST:
            scale = self.LONGEST / max(height, width)
            x = _resize(x, max(int(height * scale), 1), max(int(width * scale), 1))
        return x - x.new_tensor(MEANS)[:, None, None], scale, offset


def _resize(x: Tensor, height: int, width: int) -> Tensor:
    """Bilinear, two taps a side as the released code: the weights were trained on pictures resized so."""
    if x.shape[-2:] == (height, width):
        return x
    return F.interpolate(x, size=(height, width), mode="bilinear", align_corners=False)
