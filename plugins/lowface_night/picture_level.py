"""What is decided for a picture as a whole: exposure, white, tone, black, and the smooth light it was taken in."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_night.noise_level import noise_level, noise_level_by_rows

#: Side of the thumbnail in pixels.
THUMBNAIL = 32
#: Mean brightness that an untrained network gives a picture, about that of a photograph.
GREY = 0.43
#: Darkest mean that is still brightened to it: a gain of 86.
DARKEST = 0.005
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: How many numbers describe a picture.
DESCRIPTION = len(QUANTILES) + 9
#: Largest corrections of what an untrained network decides: logarithm of the gain, of a colour's gain, of the
#: exponent, of the gain of one place.
GAIN, TINT, POWER, LOCAL = 1.2, 0.4, 0.9, 0.8
#: A picture is left as it is from the second number of each on, and up to the first of the last: mean brightness, its
#: 95th percentile, noise. Half of the pictures in normal light that were looked at are as bright as that; the others
#: cannot be told by their brightness from what a gamma of 2.2 has darkened.
BRIGHT, LIT, NOISY = (0.34, 0.42), (0.60, 0.72), (0.018, 0.035)


class PictureLevel(nn.Module):
    """Decisions for a whole picture, from a thumbnail of 32x32 pixels and two noise levels.

    All of them start as if nothing had been learnt: one gain that lifts the mean to 0.43.
    """

    def __init__(self) -> None:
        super().__init__()
        self.whole = nn.Sequential(
            nn.Linear(DESCRIPTION, 32), nn.LeakyReLU(0.1), nn.Linear(32, 32), nn.LeakyReLU(0.1), nn.Linear(32, 6)
        )
        layers: list[nn.Module] = []
        for inputs, dilation in ((4, 1), (16, 2), (16, 4)):
            layers += [nn.Conv2d(inputs, 16, 3, padding=dilation, dilation=dilation), nn.LeakyReLU(0.1)]
        self.local = nn.Sequential(*layers, nn.Conv2d(16, 1, 3, padding=1))
        for last in (self.whole[-1], self.local[-1]):
            nn.init.zeros_(last.weight)  # type: ignore[arg-type]
            nn.init.zeros_(last.bias)  # type: ignore[arg-type]

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """Looks at whole pictures.

        Args:
            low: (B,3,H,W) in [0,1], any size.

        Returns:
            ``gain``: (B,3,1,1) logarithms; ``power``: (B,1,1,1) exponent of the tone curve; ``black``: (B,3,1,1) level
            that noise has lifted black to; ``noise``: (B,1,1,1), its standard deviation before brightening, a little
            more where it is coarse; ``keep``: (B,1,1,1) in [0,1], how far the picture is to stay as it is; ``light``:
            (B,1,H,W) logarithm of the gain of each place.
        """
        decisions, light = self.decided(
            F.adaptive_avg_pool2d(low, THUMBNAIL), noise_level(low), noise_level(F.avg_pool2d(low, 2, ceil_mode=True))
        )
        return {**decisions, "light": F.interpolate(light, size=low.shape[-2:], mode="bilinear", align_corners=False)}

    def by_rows(
        self, rows: Callable[[int, int], Tensor], height: int, width: int
    ) -> Callable[[slice, slice], dict[str, Tensor]]:
        """The same, ``light`` to 1e-6, of a picture that is only ever seen in part.

        Args:
            rows: ``rows(top, bottom)`` → (B,3,bottom−top,W) of the picture.

        Returns:
            what is decided, ``light`` cut to the rows and columns that are given as slices.
        """

        def halved(top: int, bottom: int) -> Tensor:
            return F.avg_pool2d(rows(2 * top, min(2 * bottom, height)), 2, ceil_mode=True)

        # Each row of the thumbnail is the mean of the rows that it stands for, as adaptive pooling takes them.
        edges = [(i * height // THUMBNAIL, -(-(i + 1) * height // THUMBNAIL)) for i in range(THUMBNAIL)]
        thumbnail = torch.cat([F.adaptive_avg_pool2d(rows(*edge), (1, THUMBNAIL)) for edge in edges], 2)
        noise = noise_level_by_rows(rows, height, width)
        coarse = noise_level_by_rows(halved, -(-height // 2), -(-width // 2))
        decisions, light = self.decided(thumbnail, noise, coarse)

        def at(down: slice, across: slice) -> dict[str, Tensor]:
            return {**decisions, "light": _enlarged(_enlarged(light, 2, height, down), 3, width, across)}

        return at

    def decided(self, thumbnail: Tensor, noise: Tensor, coarse: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """What :meth:`forward` returns, but ``light`` apart and as small as the thumbnail.

        Args:
            thumbnail: (B,3,32,32).
            noise, coarse: (B,), :func:`lowface_night.noise_level.noise_level` of the picture and of its half.
        """
        luma = thumbnail.mean(1)
        shares = torch.quantile(luma.flatten(1), luma.new_tensor(QUANTILES), dim=1).T
        mean = luma.mean((1, 2))[:, None]
        colours = thumbnail.mean((2, 3))
        lightest = thumbnail.amax(1)
        saturation = ((lightest - thumbnail.amin(1)) / (lightest + 0.01)).mean((1, 2))
        described = torch.cat(
            [
                _log(shares) - _log(mean),
                _log(mean) + 2,
                _log(colours) - _log(mean),
                (luma.flatten(1).std(1, unbiased=False)[:, None] / (mean + 0.01)),
                saturation[:, None],
                (noise[:, None] + 1e-3).log() + 4.5,
                ((noise[:, None] + 1e-4) / (mean + 0.01)).log() + 2,
                ((coarse[:, None] + 1e-4) / (mean + 0.01)).log() + 2,
            ],
            1,
        )
        decided = self.whole(described)
        exposure = (GREY / mean.clamp(min=DARKEST)).log() + GAIN * torch.tanh(decided[:, :1])
        tint = decided[:, 1:4] - decided[:, 1:4].mean(1, keepdim=True)
        darkest = torch.quantile(thumbnail.flatten(2), 0.05, dim=2)
        black = torch.sigmoid(decided[:, 5:] - 3) * torch.minimum(darkest, 2 * noise[:, None])
        bright = thumbnail * exposure.exp()[:, :, None, None]
        seen = torch.cat([bright.mean(1, keepdim=True).add(0.05).log() + 1, bright.clamp(max=4) - GREY], 1)
        light = F.avg_pool2d(F.pad(LOCAL * torch.tanh(self.local(seen)), (1, 1, 1, 1), mode="replicate"), 3, 1)
        decisions = {
            "gain": exposure + TINT * torch.tanh(tint),
            "power": (POWER * torch.tanh(decided[:, 4:5])).exp(),
            "black": black,
            "noise": noise[:, None] + 0.5 * coarse[:, None],
            "keep": _smoothstep(mean, *BRIGHT)
            * _smoothstep(shares[:, -1:], *LIT)
            * (1 - _smoothstep(noise[:, None], *NOISY)),
        }
        return {name: value[:, :, None, None] for name, value in decisions.items()}, light


def _enlarged(x: Tensor, dim: int, size: int, place: slice) -> Tensor:
    """The part of a bilinear enlargement along one axis to ``size``."""
    length = x.shape[dim]
    at = (torch.arange(place.start, place.stop, device=x.device) + 0.5) * (length / size) - 0.5
    before = at.clamp(0, length - 1).floor().long()
    after = (before + 1).clamp(max=length - 1)
    share = (at - before).clamp(0, 1).to(x.dtype).view(-1, *[1] * (x.dim() - 1 - dim))
    return torch.lerp(x.index_select(dim, before), x.index_select(dim, after), share)


def brighten(low: Tensor, level: dict[str, Tensor]) -> Tensor:
    """The picture (B,3,H,W) with gain, light, tone curve and black applied; noise and all, in [0,1.5].

    ``0.43 (gain x / 0.43) ** power``, shifted by 0.004 where the power's slope would be infinite.
    """
    shift, power = 0.004, level["power"]
    lit = (low - level["black"]).clamp(min=0) * (level["gain"] + level["light"]).exp()
    return (GREY ** (1 - power) * ((lit + shift) ** power - shift**power)).clamp(max=1.5)


def _log(value: Tensor) -> Tensor:
    return (value + 0.004).log()


def _smoothstep(value: Tensor, start: float, end: float) -> Tensor:
    """0 up to ``start``, 1 from ``end``, smooth between."""
    share = ((value - start) / (end - start)).clamp(0, 1)
    return share * share * (3 - 2 * share)
