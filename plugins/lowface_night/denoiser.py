"""Takes the noise out of a brightened picture: means over larger places, and a residual for brightness alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: Sides of the squares over which luma and chroma may be averaged, in pixels.
SCALES = (1, 2, 4, 8, 16)
#: Side of the squares whose mean luma stays, in pixels.
PLACE = 16
#: Rows of the U-Net's first level that are worked on at once in use; even.
BAND = 128
#: Noise, after brightening, at which half of the averaging of chroma is done; far below it, chroma stays as it is.
QUIET = 0.02


class UNet(nn.Module):
    """Two 3x3 convolutions a level, levels halved by averaging; (B,inputs,H,W) → (B,outputs,H,W).

    Args:
        inputs, outputs: channels.
        widths: channels of the levels; H and W must be multiples of 2 ** (levels − 1).
    """

    def __init__(self, inputs: int, outputs: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.down = nn.ModuleList([_pair(a, b) for a, b in zip((inputs, *widths), widths, strict=False)])
        reverse = tuple(reversed(widths))
        self.up = nn.ModuleList([_pair(a + b, b) for a, b in pairwise(reverse)])
        self.last = nn.Conv2d(widths[0], outputs, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        x = x.contiguous(memory_format=torch.channels_last)  # a fifth quicker on a CPU
        passed: list[Tensor] = []
        for level, layers in enumerate(self.down):
            x = layers(F.avg_pool2d(x, 2) if level else x)
            passed.append(x)
        *coarse, finest = zip(self.up, reversed(passed[:-1]), strict=True)
        for layers, beside in coarse:
            x = layers(_joined(x, beside))
        return self._finest(x, *finest)

    def _finest(self, x: Tensor, layers: nn.Module, beside: Tensor) -> Tensor:
        """The last level, which takes the most memory: in use band by band, three rows of each side for the three
        convolutions, and one more since a row of ``x`` stands for two.
        """
        height = beside.shape[-2]
        if torch.is_grad_enabled() or torch.jit.is_tracing() or height <= BAND:
            return self.last(layers(_joined(x, beside)))
        found = []
        for top in range(0, height, BAND):
            first, end = max(top - 4, 0), min(top + BAND + 4, height)
            band = self.last(layers(_joined(x[..., first // 2 : end // 2, :], beside[..., first:end, :])))
            found.append(band[..., top - first : top - first + BAND, :])
        return torch.cat(found, 2)


class Denoiser(nn.Module):
    """Noise removal that can neither invent a hue nor bleach one.

    The picture is split into luma (mean of the colours) and chroma (the rest). A U-Net at half resolution says, for
    both, how much each of five means over squares of 1, 2, 4, 8 and 16 pixels counts at a pixel, which is learnt soon,
    and what to add to the luma of each pixel then. What it adds has no mean over places of 16 pixels: how bright a
    place is was decided before, and a U-Net that may brighten does that first, and little else. Where there is no
    noise, nothing is removed: the averages come in the measure of the noise, and no more is added than four standard
    deviations of the noise and 0.01. At first nothing is added, and the pixel itself counts most.

    Args:
        widths: channels of the U-Net's levels.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.unet = UNet(4 * 3 + 2, 4 + 2 * len(SCALES), widths)
        with torch.no_grad():
            self.unet.last.bias[[4, 9]] = 3.0  # type: ignore[index]

    def forward(self, bright: Tensor, gain: Tensor, noise: Tensor) -> Tensor:
        """The picture without noise, not clipped.

        Args:
            bright: (B,3,H,W), sides multiples of 16.
            gain: (B,1,H,W), logarithm of what it was brightened by.
            noise: (B,1,1,1), its standard deviation before that.
        """
        loudness = ((noise + 1e-4).log() + F.avg_pool2d(gain, 2)).clamp(-8, 2) / 3 + 1
        said = self.unet(torch.cat([F.pixel_unshuffle(bright, 2), F.avg_pool2d(gain, 2) / 3, loudness], 1))
        loud = noise * gain.exp()
        luma = bright.mean(1, keepdim=True)
        chroma, raw = bright - luma, F.pixel_shuffle(said[:, :4], 2)
        # in units of the noise, and its mean taken out before the tanh, which else saturates: nothing is learnt then
        added = (4 * loud + 0.01) * torch.tanh(raw - _enlarged(F.avg_pool2d(raw, PLACE), PLACE))
        noisy = loud.square() / (loud.square() + QUIET**2)
        averaged = [
            part + noisy * (_mixed(part, torch.softmax(shares, 1)) - part)
            for part, shares in ((luma, said[:, 4:9]), (chroma, said[:, 9:]))
        ]
        return added + averaged[0] + averaged[1]


def _joined(x: Tensor, beside: Tensor) -> Tensor:
    """A level's result, doubled, and what was passed on beside it."""
    return torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), beside], 1)


def _mixed(picture: Tensor, shares: Tensor) -> Tensor:
    """Planes (B,C,H,W) averaged over squares by ``shares`` (B,5,H/2,W/2)."""
    own, *others = shares.split(1, 1)
    mean, mixed = picture, torch.zeros_like(picture[..., ::2, ::2])
    for share, scale in zip(others, SCALES[1:], strict=True):
        mean = F.avg_pool2d(mean, 2)
        mixed = mixed + share * _enlarged(mean, scale // 2)
    return _enlarged(own, 2) * picture + _enlarged(mixed, 2)


def _enlarged(x: Tensor, factor: int) -> Tensor:
    return x if factor == 1 else F.interpolate(x, scale_factor=float(factor), mode="bilinear", align_corners=False)


def _pair(inputs: int, outputs: int) -> nn.Sequential:
    """Two 3x3 convolutions that keep the size."""
    first, second = nn.Conv2d(inputs, outputs, 3, padding=1), nn.Conv2d(outputs, outputs, 3, padding=1)
    for layer in (first, second):
        nn.init.kaiming_normal_(layer.weight, a=0.1)
        nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return nn.Sequential(first, nn.LeakyReLU(0.1, inplace=True), second, nn.LeakyReLU(0.1, inplace=True))
