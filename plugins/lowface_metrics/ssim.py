"""Structural similarity."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn import functional as F

from lowface_core.errors import LowfaceError
from lowface_metrics.luma import GT_MEAN, borrow_mean, studio_luma
from lowface_metrics.per_picture import PictureMean, at_least_single, check_pictures, check_variant

Variant = Literal["released", "valid", "y", "released_gt_mean", "valid_gt_mean", "y_gt_mean"]
VARIANTS = get_args(Variant)
WINDOW = 11
SIGMA = 1.5
# (0.01 L)² and (0.03 L)² with the pictures' range L = 1
C1, C2 = 0.01**2, 0.03**2


def ssim(image: Tensor, normal: Tensor, variant: str = "released") -> Tensor:
    """Structural similarity of each picture: the mean of the SSIM map over pixels and channels.

    Local means, variances and the covariance are weighted by an 11x11 Gaussian of standard deviation 1.5 and unit sum;
    constants 0.01² and 0.03².

    * ``"released"``: on RGB; the window reaches over the border into zeros, and the map is as large as the picture. So
      the evaluation code released with Low-FaceNet does it, and with it most published tables of this field.
    * ``"valid"``: on RGB; only pixels whose whole window lies inside the picture count, as in the original publication.
    * ``"y"``: as ``"valid"``, on the Y of YCbCr (ITU-R BT.601, studio range, not rounded), as is usual in
      super-resolution.
    * each of them with ``_gt_mean``: the picture's mean brightness is first set to the reference's. This peeks at the
      reference; never put it beside numbers without it.

    Args:
        image, normal: (B,3,H,W), RGB in [0,1].
        variant: see above.

    Returns:
        (B,) in [-1,1], higher is better; 1 where the two are equal.

    Raises:
        ConfigError: unknown variant.
        LowfaceError: the shapes differ, or a picture is smaller than the window and the variant is not a released one.

    References:
        Wang, Bovik, Sheikh, Simoncelli, Image quality assessment: from error visibility to structural similarity,
        IEEE TIP 13 (2004), equation (13).
    """
    check_variant("ssim", variant, VARIANTS)
    check_pictures("ssim", image=image, normal=normal)
    padded = variant.startswith("released")
    if not padded and min(image.shape[2:]) < WINDOW:
        raise LowfaceError(
            f"ssim: pictures of {tuple(image.shape[2:])} pixels are smaller than the {WINDOW}x{WINDOW} window; "
            "use variant='released' or larger pictures"
        )
    # Variances are small differences of large numbers: half precision, also autocast's, would drown them.
    with torch.autocast(image.device.type, enabled=False):
        x, y = at_least_single(image), at_least_single(normal)
        if variant.endswith(GT_MEAN):
            x = borrow_mean(x, y)
        if variant.startswith("y"):
            x, y = studio_luma(x), studio_luma(y)
        return _similarity(x, y, WINDOW // 2 if padded else 0)


def _similarity(x: Tensor, y: Tensor, padding: int) -> Tensor:
    moments = blur(torch.cat((x, y, x * x, y * y, x * y), dim=1), padding)
    mean_x, mean_y, square_x, square_y, product = moments.chunk(5, dim=1)
    var_x, var_y = square_x - mean_x.square(), square_y - mean_y.square()
    covariance = product - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + C1) / (mean_x.square() + mean_y.square() + C1)
    structure = (2 * covariance + C2) / (var_x + var_y + C2)
    return (luminance * structure).mean((1, 2, 3))


def blur(x: Tensor, padding: int) -> Tensor:
    """Gaussian blur of each channel, (B,C,H,W), zeros beyond the border; sides shrink by 10 − 2·padding pixels."""
    offsets = torch.arange(WINDOW, dtype=torch.float64) - WINDOW // 2
    window = torch.exp(-offsets.square() / (2 * SIGMA**2))
    window = (window / window.sum()).to(x)
    channels = x.shape[1]
    # The Gaussian is a product of a column and a row: 22 multiplications a pixel in place of 121.
    columns = F.conv2d(x, window.view(1, 1, -1, 1).repeat(channels, 1, 1, 1), padding=(padding, 0), groups=channels)
    return F.conv2d(columns, window.view(1, 1, 1, -1).repeat(channels, 1, 1, 1), padding=(0, padding), groups=channels)


class SSIM(PictureMean):
    """Mean over pictures of each picture's structural similarity, see :func:`ssim`.

    Args:
        variant: ``"released"`` (zero-padded window), ``"valid"`` (window inside the picture) or ``"y"`` (the same on
            Y); with ``_gt_mean`` it peeks at the reference.
    """

    name = "ssim"

    def __init__(self, variant: Variant = "released") -> None:
        super().__init__()
        self.variant = variant

    def update(self, image: Tensor, normal: Tensor) -> dict[str, Tensor]:
        """Takes in ``image`` and ``normal``, see :func:`ssim`; ``{"ssim": (B,)}``, each picture's similarity."""
        return self.add(ssim(image, normal, self.variant))
