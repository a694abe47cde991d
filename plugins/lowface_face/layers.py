"""Layers that the face networks share."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

Activation = Callable[[], nn.Module]


def convolution(
    inputs: int, outputs: int, kernel: int = 3, stride: int = 1, groups: int = 1, activation: Activation | None = None
) -> list[nn.Module]:
    """Convolution without bias, batch norm, and the activation where there is one; padded by half the kernel."""
    padding = kernel // 2
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    return [*layers, activation()] if activation else layers


def separable(inputs: int, outputs: int, stride: int, activation: Activation) -> nn.Sequential:
    """Depthwise 3x3 then pointwise 1x1 convolution, each with batch norm and activation."""
    return nn.Sequential(
        *convolution(inputs, inputs, 3, stride, inputs, activation), *convolution(inputs, outputs, 1, 1, 1, activation)
    )


class MobileNetTrunk(nn.Module):
    """MobileNetV1 without its classifier; gives the maps of stride 8, 16 and 32, keyed as public checkpoints.

    Args:
        width: channels of the first layer, 32 at full width; the maps have 8, 16 and 32 times as many.
    """

    def __init__(self, width: int, activation: Activation) -> None:
        super().__init__()
        blocks = [(1, 2, 1), (2, 4, 2), (4, 4, 1), (4, 8, 2), (8, 8, 1)]
        self.stage1 = nn.Sequential(
            nn.Sequential(*convolution(3, width, 3, 2, 1, activation)),
            *(separable(a * width, b * width, stride, activation) for a, b, stride in blocks),
        )
        self.stage2 = nn.Sequential(
            separable(8 * width, 16 * width, 2, activation),
            *(separable(16 * width, 16 * width, 1, activation) for _ in range(5)),
        )
        self.stage3 = nn.Sequential(
            separable(16 * width, 32 * width, 2, activation), separable(32 * width, 32 * width, 1, activation)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B,3,H,W) → three maps."""
        fine = self.stage1(x)
        middle = self.stage2(fine)
        return fine, middle, self.stage3(middle)
