"""Enhance-Net: a small convolutional network that estimates the illumination, by which the picture is divided.

Architecture: Fan et al., "Low-FaceNet: Face Recognition-Driven Low-Light Image Enhancement", IEEE TIM 73 (2024),
section III-A. The parameter names are those of the released checkpoint ``Low-FaceNet.pth``, which therefore loads as it
is into the default network.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

from lowface_core.errors import ConfigError
from lowface_core.registry.bounds import Count, Inside, PositiveShare


def conv3x3(inputs: int, outputs: int) -> nn.Conv2d:
    """3x3 convolution with bias that keeps the size."""
    return nn.Conv2d(inputs, outputs, 3, padding=1)


#: Whether training is quicker, too, with channels innermost in memory. Forward alone takes 0.7 of the time so; forward
#: and backward 0.8 with AVX-512, but up to 1.8 times as long without (benchmarks/step_cpu.md).
QUICK_BACKWARD = torch.backends.cpu.get_cpu_capability() == "AVX512"


class EnhanceNet(nn.Module):
    """Estimates the illumination I of a low-light picture and returns I and low / I.

    ``I = clamp(net(low) + residual(low), floor, 1)`` and ``enhanced = clamp(low / I, 0, 1)``, with ``net`` in (0,1).

    With three illumination channels (the paper) each colour is divided by a map of its own. With one, the three colours
    share a map that is nowhere below the brightest of them (``residual="max"``): the division can then change neither
    hue nor saturation and never clips, which a training without paired pictures does not otherwise prevent.

    Args:
        channels: width of the first half; the second half has layers of 2, 2, 1 and 1/4 times this width. Paper: 64.
        illumination_channels: 3 (paper) or 1 (one map shared by the three colours).
        residual: what ``net`` is added to: ``"input"`` each colour itself (paper; three channels only), ``"max"`` the
            brightest colour of the pixel, ``"none"`` nothing. ``"bound"`` adds nothing but takes the larger of ``net``
            and the brightest colour: as safe as ``"max"``, and a net that answers a constant already is a smooth
            illumination, where a sum has to undo the picture's own texture first. Default: ``"input"`` with three
            channels, else ``"max"``.
        floor: smallest illumination, in (0,1]; bounds the amplification by 1 / floor.
        init: ``"released"`` draws convolution weights from N(0, 0.02), the released code's choice; signals then fade by
            half or more in each layer, and the narrower the network the longer it stays a constant. ``"he"`` draws them
            from N(0, 2 / fan-in) and sets biases to 0, so that every layer learns from the first step.
        start: what ``net`` answers before training, in (0,1), set through the bias of the last layer. Pictures start
            about ``mean(low) / (mean(low) + start)`` bright, which should be above the brightness of the negatives:
            contrastive losses drive darker pictures further down. Exact for ``init="released"`` up to a few per cent.
            Default: whatever the initialisation gives, about 0.5.

    Raises:
        ConfigError: one channel of illumination with ``residual="input"``.
    """

    outputs = ("enhanced", "illumination")
    #: Eleven 3x3 convolutions one after the other; each looks one pixel further.
    receptive_radius = 11

    def __init__(
        self,
        channels: Count = 64,
        illumination_channels: Literal[1, 3] = 3,
        residual: Literal["input", "max", "bound", "none"] | None = None,
        floor: PositiveShare = 1e-4,
        init: Literal["released", "he"] = "released",
        start: Inside | None = None,
    ) -> None:
        super().__init__()
        if residual is None:
            residual = "input" if illumination_channels == 3 else "max"
        if residual == "input" and illumination_channels == 1:
            raise ConfigError('retinex: residual="input" needs illumination_channels=3; with 1 use residual="max"')
        self.residual = residual
        self.floor = floor
        wide, narrow = 2 * channels, max(1, channels // 4)
        self.e_conv1 = conv3x3(3, channels)
        self.e_conv2 = conv3x3(channels, channels)
        self.e_conv3 = conv3x3(channels, channels)
        self.e_conv4 = conv3x3(wide, channels)
        self.e_conv5 = conv3x3(wide, channels)
        self.e_conv6 = conv3x3(channels, 3)
        self.conv = nn.Sequential(
            conv3x3(3, wide),
            conv3x3(wide, wide),
            nn.ReLU(),
            conv3x3(wide, channels),
            conv3x3(channels, narrow),
            conv3x3(narrow, illumination_channels),
            nn.Sigmoid(),
        )
        self.reset_parameters(init, start)

    @torch.no_grad()
    def reset_parameters(self, init: str = "released", start: float | None = None) -> None:
        """Draws new weights; arguments as in the class."""
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                if init == "he":
                    nn.init.zeros_(parameter)
            elif init == "released":
                nn.init.normal_(parameter, 0.0, 0.02)
            else:
                rectified = name.startswith("e_conv") or name == "conv.1.weight"
                nn.init.kaiming_normal_(parameter, nonlinearity="relu" if rectified else "linear")
        if start is not None:
            nn.init.constant_(self.get_parameter("conv.5.bias"), math.log(start / (1 - start)))

    def net(self, low: Tensor) -> Tensor:
        """The bare network: (B,3,H,W) in [0,1] → (B, illumination channels, H, W) in (0,1)."""
        if low.device.type == "cpu" and (QUICK_BACKWARD or not torch.is_grad_enabled()):
            low = low.contiguous(memory_format=torch.channels_last)
        first = self.e_conv1(low).relu_()
        second = self.e_conv2(first).relu_()
        third = self.e_conv3(second).relu_()
        fourth = self.e_conv4(torch.cat([second, third], 1)).relu_()
        del second, third  # memory is the limit of the tiles' size
        fifth = self.e_conv5(torch.cat([first, fourth], 1)).relu_()
        del first, fourth
        sixth = self.e_conv6(fifth).relu_()
        return self.conv(sixth).contiguous()

    def for_inference(self) -> EnhanceNet:
        """The same network for use alone, quicker: see :class:`lowface_retinex.folded_net.FoldedEnhanceNet`."""
        from lowface_retinex.folded_net import FoldedEnhanceNet

        return FoldedEnhanceNet(self)

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """Enhances low-light pictures of any size from 1x1.

        Args:
            low: (B,3,H,W) in [0,1], RGB.

        Returns:
            ``enhanced`` (B,3,H,W) in [0,1] and ``illumination`` (B, illumination channels, H, W) in [floor, 1].
        """
        # The sum is taken in the picture's own precision: under autocast the network answers in half precision.
        illumination = self.net(low).to(low.dtype)
        if self.residual == "input":
            illumination = illumination + low
        elif self.residual == "max":
            illumination = illumination + low.amax(1, keepdim=True)
        elif self.residual == "bound":
            illumination = torch.maximum(illumination, low.amax(1, keepdim=True))
        illumination = illumination.clamp(self.floor, 1.0)
        return {"enhanced": (low / illumination).clamp(0.0, 1.0), "illumination": illumination}
