"""How bright pictures are, and how far from the brightness of their references."""

from __future__ import annotations

import torch
from torch import Tensor

from lowface_core.data.luma import luma
from lowface_metrics.per_picture import PictureMean, at_least_single, check_pictures


def brightness(image: Tensor) -> Tensor:
    """Mean of 0.299 R + 0.587 G + 0.114 B over each picture's pixels: (B,3,H,W) in [0,1] → (B,) in [0,1].

    Raises:
        LowfaceError: not (B,3,H,W).
    """
    check_pictures("brightness", image=image)
    with torch.autocast(image.device.type, enabled=False):
        return luma(at_least_single(image)).mean((1, 2, 3))


class Brightness(PictureMean):
    """Mean over pictures of their mean brightness (ITU-R BT.601 weights), in [0,1].

    Registered as "higher is better", since what comes in is too dark. It is a description, not a quality: white
    pictures reach 1. Do not choose a best checkpoint by it; ``brightness_error`` has an optimum.
    """

    name = "brightness"
    variant = "bt601"

    def update(self, image: Tensor) -> dict[str, Tensor]:
        """Takes in ``image`` (B,3,H,W), RGB in [0,1]; ``{"brightness": (B,)}``, each picture's brightness."""
        return self.add(brightness(image))


class BrightnessError(PictureMean):
    """Mean over pictures of the distance between a picture's brightness and its reference's, in [0,1].

    Too dark and too bright count alike and do not cancel. Blind to everything but overall brightness.
    """

    name = "brightness_error"
    variant = "bt601"

    def update(self, image: Tensor, normal: Tensor) -> dict[str, Tensor]:
        """Takes in ``image`` and ``normal`` (B,3,H,W), RGB in [0,1]; ``{"brightness_error": (B,)}``, each distance."""
        check_pictures(self.name, image=image, normal=normal)
        return self.add((brightness(image) - brightness(normal)).abs())
