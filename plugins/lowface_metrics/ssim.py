"""Structural similarity."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from lowface_core.errors import ConfigError, LowfaceError, nearest
from lowface_metrics.per_picture import PictureMean, check_pair

VARIANTS = ("released", "valid")
WINDOW = 11
SIGMA = 1.5
# (0.01 L)² and (0.03 L)² with the pictures' range L = 1
C1, C2 = 0.01**2, 0.03**2


def ssim(image: Tensor, normal: Tensor, variant: str = "released") -> Tensor:
    """Structural similarity of each picture: the mean of the SSIM map over pixels and RGB channels.

    Local means, variances and the covariance are weighted by an 11x11 Gaussian of standard deviation 1.5 and unit sum;
    constants 0.01² and 0.03².

    * ``variant="released"``: the window reaches over the border into zeros, and the map is as large as the picture. So
      the evaluation code released with Low-FaceNet does it, and with it most published tables of this field.
    * ``variant="valid"``: only pixels whose whole window lies inside the picture count, as in the original publication.

    Args:
        image, normal: (B,3,H,W), RGB in [0,1].
        variant: see above.

    Returns:
        (B,) in [-1,1], higher is better; 1 where the two are equal.

    Raises:
        ConfigError: unknown variant.
        LowfaceError: the shapes differ, or a picture is smaller than the window under ``"valid"``.

    References:
        Wang, Bovik, Sheikh, Simoncelli, Image quality assessment: from error visibility to structural similarity,
        IEEE TIP 13 (2004), equation (13).
    """
    check_variant(variant)
    check_pair("ssim", image, normal)
    if variant == "valid" and min(image.shape[2:]) < WINDOW:
        raise LowfaceError(
            f"ssim: pictures of {tuple(image.shape[2:])} pixels are smaller than the {WINDOW}x{WINDOW} window; "
            "use variant='released' or larger pictures"
        )
    # Variances are small differences of large numbers: half precision, also autocast's, would drown them.
    with torch.autocast(image.device.type, enabled=False):
        dtype = torch.promote_types(image.dtype, torch.float32)
        x, y = image.to(dtype), normal.to(dtype)
        padding = WINDOW // 2 if variant == "released" else 0
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


def check_variant(variant: str) -> None:
    """Raises ConfigError for an unknown variant."""
    if variant not in VARIANTS:
        raise ConfigError(
            f"ssim: variant is {variant!r}{nearest(str(variant), VARIANTS)}; choose from {', '.join(VARIANTS)}"
        )


class SSIM(PictureMean):
    """Mean over pictures of each picture's structural similarity, see :func:`ssim`.

    Args:
        variant: ``"released"`` (zero-padded window) or ``"valid"`` (window inside the picture).

    Raises:
        ConfigError: unknown variant.
    """

    name = "ssim"

    def __init__(self, variant: str = "released") -> None:
        check_variant(variant)
        super().__init__()
        self.variant = variant

    def update(self, image: Tensor, normal: Tensor) -> None:
        """Takes in a batch, see :func:`ssim`."""
        self.add(ssim(image, normal, self.variant))
