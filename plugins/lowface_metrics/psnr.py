"""Peak signal-to-noise ratio."""

from __future__ import annotations

import torch
from torch import Tensor

from lowface_metrics.per_picture import PictureMean, check_pair


def psnr(image: Tensor, normal: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of each picture: ``10 · log10(1 / MSE)`` with the mean over channels and pixels.

    Args:
        image, normal: (B,3,H,W), RGB in [0,1], so the peak is 1.

    Returns:
        (B,) decibels, higher is better; infinite where the two are equal.

    Raises:
        LowfaceError: the shapes differ.
    """
    check_pair("psnr", image, normal)
    dtype = torch.promote_types(image.dtype, torch.float32)
    error = (image.to(dtype) - normal.to(dtype)).square().mean((1, 2, 3))
    return -10 * torch.log10(error)


class PSNR(PictureMean):
    """Mean over pictures of each picture's PSNR in decibels; infinite as soon as one picture equals its reference.

    Taken over RGB, as in the evaluation code released with Low-FaceNet (Fan et al., IEEE TIM 73, 2024, Table II).
    """

    name = "psnr"

    def update(self, image: Tensor, normal: Tensor) -> None:
        """Takes in a batch, see :func:`psnr`."""
        self.add(psnr(image, normal))
