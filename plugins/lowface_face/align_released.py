"""The released code's alignment: integer crop of the box, rotation by the eye line, letterbox on grey."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import rotate

#: Margins of the letterboxed crop.
GREY = 128.0 / 255.0


def align_eyes(image: Tensor, boxes: Tensor, landmarks: Tensor, size: tuple[int, int]) -> Tensor:
    """Crops as the released code does, one picture after the other; gradients reach ``image``.

    Box coordinates are clamped at 0 and truncated. The angle is arctan(Δy / Δx) of the eyes, taken about the crop's
    centre (width // 2, height // 2); corners turned in from outside are black; the crop is then shrunk or enlarged with
    an antialiased bilinear filter and centred on grey.

    Args:
        image: (B,3,H,W) in [0,1].
        boxes: (B,4) xyxy pixels.
        landmarks: (B,5,2) xy pixels; the first two are the eyes.
        size: (height, width) of the crop.
    """
    crops = [
        _align(picture, box, points, size)
        for picture, box, points in zip(image, boxes.tolist(), landmarks.tolist(), strict=True)
    ]
    return torch.stack(crops) if crops else image.new_zeros(0, image.shape[1], *size)


def _align(picture: Tensor, box: list[float], points: list[list[float]], size: tuple[int, int]) -> Tensor:
    height, width = size
    left, top, right, bottom = (int(max(value, 0.0)) for value in box)
    # A box that lies outside or is thinner than a pixel would leave nothing to encode.
    left, top = min(left, picture.shape[-1] - 1), min(top, picture.shape[-2] - 1)
    crop = picture[None, :, top : max(bottom, top + 1), left : max(right, left + 1)]
    dx, dy = points[0][0] - points[1][0], points[0][1] - points[1][1]
    angle = math.degrees(math.atan(dy / dx)) if dx else 0.0
    h, w = crop.shape[-2:]
    crop = rotate(crop, angle, interpolation=InterpolationMode.BILINEAR, center=[w // 2, h // 2])
    scale = min(width / w, height / h)
    new_h, new_w = max(int(h * scale), 1), max(int(w * scale), 1)
    crop = F.interpolate(crop, size=(new_h, new_w), mode="bilinear", align_corners=False, antialias=True)
    x, y = (width - new_w) // 2, (height - new_h) // 2
    return F.pad(crop[0], (x, width - new_w - x, y, height - new_h - y), value=GREY)
