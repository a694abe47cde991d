"""Lightness order error."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from lowface_metrics.per_picture import PictureMean, check_pictures, to_bytes

GRID = 50
REACH = 7


def loe(image: Tensor, low: Tensor) -> Tensor:
    """Lightness order error of each picture against the low-light picture it was made from.

    Of every pixel, the number of other pixels whose order of lightness to it was reversed by the enhancement; then the
    mean over pixels. Defined by Wang et al., equations (2) to (4); computed as their released MATLAB code does:

    1. lightness is the largest of R, G, B, in whole numbers 0…255;
    2. replaced by its maximum over the 15x15 pixels around (which the paper does not mention);
    3. sampled at every ``s``-th pixel of every ``s``-th row, from the ``s``-th on, ``s = floor(shorter side / 50)``;
       of pictures below 50 pixels, for which that code fails, every pixel is taken;
    4. pixel x counts each pixel y for which ``L(y) >= L(x)`` holds before and not after, or after and not before.

    Counted exactly through the 256x256 joint histogram rather than by comparing every two pixels.

    Args:
        image, low: (B,3,H,W), RGB in [0,1]; both are rounded to 8 bits.

    Returns:
        (B,) number of pixels, from 0 (order kept) to the size of the grid; float64. Lower is better.

    Raises:
        LowfaceError: the shapes differ.

    References:
        Wang, Zheng, Hu, Li, Naturalness preserved enhancement algorithm for non-uniform illumination images, IEEE TIP
        22 (2013).
    """
    check_pictures("loe", image=image, low=low)
    after, before = lightness_grid(image), lightness_grid(low)
    pairs = zip(before, after, strict=True)
    return torch.stack([_reversals(b.flatten(), a.flatten()) / b.numel() for b, a in pairs])


def lightness_grid(image: Tensor) -> Tensor:
    """Steps 1 to 3: (B,3,H,W) in [0,1] → (B,h,w) int64 in 0…255, on the processor."""
    lightness = to_bytes(image).amax(1, keepdim=True).float()
    widest = F.max_pool2d(lightness, 2 * REACH + 1, stride=1, padding=REACH)[:, 0]
    step = max(min(image.shape[2:]) // GRID, 1)
    return widest[:, step - 1 :: step, step - 1 :: step].cpu().long()


def _reversals(before: Tensor, after: Tensor) -> Tensor:
    """Step 4: how many ordered pairs of pixels disagree, of (N,) int64 in 0…255 each."""
    joint = torch.bincount(before * 256 + after, minlength=256 * 256).view(256, 256)
    darker_both = F.pad(joint.cumsum(0).cumsum(1), (1, 0, 1, 0))  # [b, a]: pixels below b before and below a after
    darker_before, darker_after = darker_both[:-1, -1:], darker_both[-1:, :-1]
    return (joint * (darker_before + darker_after - 2 * darker_both[:-1, :-1])).sum().double()


class LOE(PictureMean):
    """Mean over pictures of each picture's lightness order error against ``low``, see :func:`loe`."""

    name = "loe"
    variant = "released"

    def update(self, image: Tensor, low: Tensor) -> dict[str, Tensor]:
        """Takes in ``image`` and ``low``, see :func:`loe`; ``{"loe": (B,)}``, each picture's error."""
        return self.add(loe(image, low))
