"""Random changes of light, and mirroring, for pictures with parsing maps."""

from __future__ import annotations

import torch
from torch import Tensor

from lowface_semantic.classes import MIRRORED


def mirror(image: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Horizontal flip of pictures (…,3,H,W) and LaPa maps (…,H,W), in which left and right brows and eyes change names.

    Labels from 11 upwards (255 = unlabelled) keep their value.
    """
    table = torch.arange(256, device=labels.device)
    table[: len(MIRRORED)] = torch.tensor(MIRRORED, device=labels.device)
    return image.flip(-1), table[labels.flip(-1).long()]


def relight(image: Tensor, brightness: tuple[float, float], gamma: tuple[float, float], noise: float) -> Tensor:
    """Pictures (B,3,H,W) in [0,1] as a worse camera in other light would see them; one draw a picture.

    A brightness factor is drawn from its interval, gamma from its own evenly on a logarithmic scale; ``noise`` is the
    largest standard deviation of Gaussian noise, of which each picture draws its own.
    """

    def draw(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(len(image), 1, 1, 1, device=image.device, dtype=image.dtype)

    low, high = torch.tensor(gamma).log().tolist()
    # The floor keeps the power's gradient finite at black; nothing is lost below a hundredth of a grey level.
    image = image.clamp(min=1e-5).pow(draw(low, high).exp()) * draw(*brightness)
    return (image + torch.randn_like(image) * draw(0, noise)).clamp(0, 1)


def augment(
    image: Tensor,
    labels: Tensor,
    brightness: tuple[float, float] = (0.3, 1.1),
    gamma: tuple[float, float] = (0.7, 1.5),
    noise: float = 0.03,
) -> tuple[Tensor, Tensor]:
    """:func:`relight` for pictures (B,3,H,W) in [0,1], :func:`mirror` for half of them and their LaPa maps (B,H,W).

    Draws from torch's global generator; the maps become int64.
    """
    flipped, swapped = mirror(image, labels)
    chosen = torch.rand(len(image), device=image.device) < 0.5
    image = torch.where(chosen.view(-1, 1, 1, 1), flipped, image)
    labels = torch.where(chosen.view(-1, 1, 1), swapped, labels.long())
    return relight(image, brightness, gamma, noise), labels
