"""Peak signal-to-noise ratio."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from lowface_metrics.luma import GT_MEAN, borrow_mean, studio_luma
from lowface_metrics.per_picture import PictureMean, at_least_single, check_pictures, check_variant

Variant = Literal["rgb", "y", "rgb_gt_mean", "y_gt_mean"]
VARIANTS = get_args(Variant)


def psnr(image: Tensor, normal: Tensor, variant: str = "rgb") -> Tensor:
    """Peak signal-to-noise ratio of each picture: ``10 · log10(1 / MSE)`` with the mean over channels and pixels.

    * ``"rgb"``: over the three channels, as in the evaluation code released with Low-FaceNet.
    * ``"y"``: over the Y of YCbCr (ITU-R BT.601, studio range 16 to 235, not rounded) with the peak still 255, as is
      usual in super-resolution; 1 to 2 dB higher than ``"rgb"`` on the same picture.
    * ``"rgb_gt_mean"``, ``"y_gt_mean"``: the picture's mean brightness is first set to the reference's. This peeks at
      the reference: the number says what would be reached if the right exposure were known. Never put it beside
      numbers without it.

    Args:
        image, normal: (B,3,H,W), RGB in [0,1], so the peak is 1.
        variant: see above.

    Returns:
        (B,) decibels, higher is better; infinite where the two are equal.

    Raises:
        ConfigError: unknown variant.
        LowfaceError: the shapes differ.
    """
    check_variant("psnr", variant, VARIANTS)
    check_pictures("psnr", image=image, normal=normal)
    with torch.autocast(image.device.type, enabled=False):
        x, y = at_least_single(image), at_least_single(normal)
        if variant.endswith(GT_MEAN):
            x = borrow_mean(x, y)
        if variant.startswith("y"):
            x, y = studio_luma(x), studio_luma(y)
        return -10 * torch.log10((x - y).square().mean((1, 2, 3)))


class PSNR(PictureMean):
    """Mean over pictures of each picture's PSNR in decibels.

    A picture that equals its reference has an infinite PSNR, which no mean can hold: such pictures are counted in
    ``psnr_infinite``, a number that there is only where some are, and the mean is that of the others.

    Source: the evaluation code released with Low-FaceNet (Fan et al., IEEE TIM 73, 2024, Table II) for ``"rgb"``.

    Args:
        variant: ``"rgb"``, ``"y"``, or one of them with ``_gt_mean``, which peeks at the reference; see :func:`psnr`.
    """

    name = "psnr"
    unit = MappingProxyType({"psnr": "dB", "psnr_infinite": "pictures equal to their reference"})

    def __init__(self, variant: Variant = "rgb") -> None:
        super().__init__()
        self.variant = variant

    def update(self, image: Tensor, normal: Tensor) -> dict[str, Tensor]:
        """Takes in ``image`` and ``normal``, see :func:`psnr`; ``{"psnr": (B,)}``, each picture's decibels."""
        values = psnr(image, normal, self.variant)
        self._infinite += int(values.isposinf().sum())
        self.add(values[~values.isposinf()])
        return {self.name: values.detach().cpu().double()}

    def reset(self) -> None:
        """Forgets all pictures."""
        super().reset()
        self._infinite = 0

    def compute(self) -> float | dict[str, float]:  # type: ignore[override]
        """The mean; with infinite ones ``{"psnr": mean of the others, "psnr_infinite": how many}``.

        Raises:
            LowfaceError: there were no pictures.
        """
        if not self._infinite:
            return super().compute()
        mean = super().compute() if self._count else math.inf
        return {"psnr": mean, "psnr_infinite": float(self._infinite)}

    def state(self) -> dict[str, Any]:
        """What :meth:`load_state` needs to go on from here."""
        return {**super().state(), "infinite": self._infinite}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from a :meth:`state`."""
        super().load_state(state)
        self._infinite = int(state["infinite"])
