"""Grey values of a picture, and the brightness that is borrowed from the reference."""

from __future__ import annotations

from torch import Tensor

from lowface_core.data.luma import STUDIO_BLACK, STUDIO_RANGE, luma

GT_MEAN = "_gt_mean"


def studio_luma(image: Tensor) -> Tensor:
    """Y of YCbCr, (B,1,H,W) in [16/255, 235/255]: (16 + 65.481 R + 128.553 G + 24.966 B) / 255, not rounded."""
    return (luma(image, STUDIO_RANGE) + STUDIO_BLACK) / 255


def borrow_mean(image: Tensor, normal: Tensor) -> Tensor:
    """The picture scaled so that its mean brightness is the reference's, then clipped to [0,1].

    This peeks at the reference: errors of overall brightness, the very thing an enhancer has to get right, vanish.
    The form is that of KinD (Zhang et al., ACM MM 2019) and of the tables that follow it with "GT mean". A black
    picture stays black.
    """
    have, want = (luma(x).mean((1, 2, 3), keepdim=True) for x in (image, normal))
    return (image * want / have.clamp(min=1e-8)).clamp(0, 1)
