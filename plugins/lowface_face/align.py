"""From a picture and face landmarks to an aligned crop, differentiable in the picture.

Coordinates are pixel indices: (0, 0) is the centre of the first pixel.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

#: Most samples per crop pixel and side when a face is shrunk; 8 serve a face of 700 pixels in a crop of 96.
MOST_SAMPLES = 8


def fit_similarity(source: Tensor, target: Tensor) -> Tensor:
    """Similarity (rotation, uniform scale, shift) that maps ``source`` onto ``target`` with least squared error.

    The closed form of Umeyama (PAMI 1991), which in the plane needs no decomposition: with both point sets centred,
    a + ib = Σ conj(p) q / Σ |p|², the points read as complex numbers. Never a reflection.

    Args:
        source: (B,N,2) or (N,2).
        target: (B,N,2) or (N,2).

    Returns:
        (B,2,3) matrices [[a, −b, tx], [b, a, ty]].
    """
    source, target = torch.broadcast_tensors(source, target.to(source))
    source_mean, target_mean = source.mean(-2), target.mean(-2)
    p, q = source - source_mean[..., None, :], target - target_mean[..., None, :]
    spread = p.square().sum((-2, -1)).clamp(min=1e-6)  # five equal points would divide by zero
    a = (p * q).sum((-2, -1)) / spread
    b = (p[..., 0] * q[..., 1] - p[..., 1] * q[..., 0]).sum(-1) / spread
    return _similarity(a, b, target_mean - _turn(a, b, source_mean))


def warp(image: Tensor, matrix: Tensor, size: tuple[int, int]) -> Tensor:
    """Crops with an affine map from crop pixels to picture pixels.

    Where a crop pixel covers more than one picture pixel, it is the mean of n x n bilinear samples spread over it
    (n = largest step in the batch, rounded up, at most 8): plain bilinear sampling of a 512-pixel face would skip most
    of its pixels, alias, and give the skipped ones no gradient. Outside the picture lies black.

    Args:
        image: (B,3,H,W); gradients reach it.
        matrix: (B,2,3), crop xy → picture xy; no gradient is taken through it.
        size: (height, width) of the crop.

    Returns:
        (B,3,height,width).
    """
    matrix = matrix.detach()
    step = float(matrix[..., :2].norm(dim=1).max()) if len(matrix) else 1.0
    n = min(max(math.ceil(step - 1e-3), 1), MOST_SAMPLES) if math.isfinite(step) else 1
    height, width = size
    y = (torch.arange(height * n, device=image.device, dtype=image.dtype) + 0.5) / n - 0.5
    x = (torch.arange(width * n, device=image.device, dtype=image.dtype) + 0.5) / n - 0.5
    matrix = matrix.to(image)
    # Separable: A·(x, y) + t is a row term plus a column term.
    columns = matrix[:, None, :, 0] * x[:, None]
    rows = matrix[:, None, :, 1] * y[:, None] + matrix[:, None, :, 2]
    points = rows[:, :, None] + columns[:, None]
    extent = points.new_tensor([image.shape[-1], image.shape[-2]])
    grid = (2 * points + 1) / extent - 1  # index coordinates → grid_sample's for align_corners=False
    crop = F.grid_sample(image, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    return F.avg_pool2d(crop, n) if n > 1 else crop


def invert(matrix: Tensor) -> Tensor:
    """Inverse of similarities (B,2,3)."""
    a, b = matrix[..., 0, 0], matrix[..., 1, 0]
    determinant = (a.square() + b.square()).clamp(min=1e-12)
    a, b = a / determinant, -b / determinant
    return _similarity(a, b, -_turn(a, b, matrix[..., 2]))


def _similarity(a: Tensor, b: Tensor, shift: Tensor) -> Tensor:
    """(B,2,3) from a, b (B,) and shift (B,2)."""
    rows = torch.stack([a, -b, shift[..., 0], b, a, shift[..., 1]], -1)
    return rows.unflatten(-1, (2, 3))


def _turn(a: Tensor, b: Tensor, point: Tensor) -> Tensor:
    """Rotates and scales points (B,2). Not a matrix product: autocast would round coordinates to half precision."""
    x, y = point[..., 0], point[..., 1]
    return torch.stack([a * x - b * y, b * x + a * y], -1)


def align_similarity(image: Tensor, landmarks: Tensor, template: Tensor, size: tuple[int, int]) -> Tensor:
    """Crop in which five landmarks (B,5,2) lie as near as a similarity can bring them to the template (5,2), xy pixels.

    ``image`` is (B,3,H,W), gradients reach it; ``size`` is (height, width) of the crop.
    """
    return warp(image, invert(fit_similarity(landmarks.detach(), template)), size)


def crop_box(image: Tensor, box: Tensor, size: tuple[int, int], margin: float = 0.0) -> Tensor:
    """The box (B,4), xyxy pixels, enlarged and brought to the crop's aspect ratio about its centre, without rotation.

    ``image`` is (B,3,H,W), gradients reach it; ``size`` is (height, width) of the crop; ``margin`` is the share of
    the box' size added on each side.
    """
    height, width = size
    box = box.detach()
    centre = (box[:, :2] + box[:, 2:]) / 2
    sides = (box[:, 2:] - box[:, :2]).clamp(min=1.0) * (1 + 2 * margin)
    step = (sides / sides.new_tensor([width, height])).amax(1)  # the larger one: nothing of the box is cut off
    middle = step.new_tensor([(width - 1) / 2, (height - 1) / 2])
    # A box' xyxy are edges of pixels: its centre lies half a pixel before the index that grid points count in.
    shift = centre - 0.5 - step[:, None] * middle
    matrix = torch.cat([torch.diag_embed(step[:, None].expand(-1, 2)), shift[..., None]], -1)
    return warp(image, matrix, size)
