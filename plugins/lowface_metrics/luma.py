"""Grey values of a picture, and the brightness that is borrowed from the reference."""

from __future__ import annotations

from torch import Tensor

#: Shares of red, green and blue in brightness, ITU-R BT.601.
WEIGHTS = (0.299, 0.587, 0.114)
#: The same for the Y of YCbCr at studio range, which MATLAB's ``rgb2ycbcr`` and most restoration papers use.
STUDIO_WEIGHTS, STUDIO_BLACK = (65.481, 128.553, 24.966), 16.0
GT_MEAN = "_gt_mean"


def luma(image: Tensor) -> Tensor:
    """Brightness of each pixel, (B,1,H,W) in [0,1]: 0.299 R + 0.587 G + 0.114 B of (B,3,H,W) in [0,1]."""
    return _weighted(image, WEIGHTS)


def studio_luma(image: Tensor) -> Tensor:
    """Y of YCbCr, (B,1,H,W) in [16/255, 235/255]: (16 + 65.481 R + 128.553 G + 24.966 B) / 255, not rounded."""
    return (_weighted(image, STUDIO_WEIGHTS) + STUDIO_BLACK) / 255


def borrow_mean(image: Tensor, normal: Tensor) -> Tensor:
    """The picture scaled so that its mean brightness is the reference's, then clipped to [0,1].

    This peeks at the reference: errors of overall brightness, the very thing an enhancer has to get right, vanish.
    The form is that of KinD (Zhang et al., ACM MM 2019) and of the tables that follow it with "GT mean". A black
    picture stays black.
    """
    have, want = (luma(x).mean((1, 2, 3), keepdim=True) for x in (image, normal))
    return (image * want / have.clamp(min=1e-8)).clamp(0, 1)


def _weighted(image: Tensor, weights: tuple[float, float, float]) -> Tensor:
    red, green, blue = image.unbind(1)
    return (weights[0] * red + weights[1] * green + weights[2] * blue).unsqueeze(1)
