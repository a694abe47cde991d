"""RUAS: an unrolled illumination estimate of three steps, then a noise removal, both of cells found by search.

Architecture: Liu et al., "Retinex-Inspired Unrolling with Cooperative Prior Architecture Search for Low-Light Image
Enhancement", CVPR 2021. The parameter names are those of the published ``lol.pt``, ``upe.pt`` and ``dark.pt``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from lowface_core.weights.state_dict import load_weights

#: Steps of the unrolled estimate and of the noise removal.
STEPS = 3
#: Smallest illumination, as published.
FLOOR = 1e-3
#: What the search found: place in the cell → (kernel, dilation, whether the input is added); places without are empty.
ILLUMINATION_CELL = {
    "c1_r": (1, 1, True),
    "c2_d": (3, 2, True),
    "c2_r": (3, 1, False),
    "c3_d": (3, 1, False),
    "c4": (3, 1, False),
}
NOISE_CELL = {
    "c1_d": (1, 1, True),
    "c1_r": (1, 1, True),
    "c2_d": (3, 2, True),
    "c3_d": (1, 1, True),
    "c3_r": (1, 1, True),
}


class Operation(nn.Module):
    """One convolution that keeps the size, its input added if ``residual``: (B,C,H,W) → (B,C,H,W)."""

    def __init__(self, channels: int, kernel: int, dilation: int, residual: bool) -> None:
        super().__init__()
        self.op = nn.Conv2d(channels, channels, kernel, padding=kernel // 2 * dilation, dilation=dilation)
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return x + self.op(x) if self.residual else self.op(x)


class Cell(nn.Module):
    """Three steps that each set features aside (``d``) and refine the rest (``r``), and a fusion of what was set aside.

    Args:
        channels: of input and output, (B,C,H,W).
        operations: see :data:`ILLUMINATION_CELL`.
    """

    def __init__(self, channels: int, operations: Mapping[str, tuple[int, int, bool]]) -> None:
        super().__init__()
        for place in ("c1_d", "c1_r", "c2_d", "c2_r", "c3_d", "c3_r", "c4"):
            found = operations.get(place)
            self.add_module(place, Operation(channels, *found) if found else nn.Identity())
        self.c5 = nn.Conv2d(4 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        aside = []
        for step in ("c1", "c2", "c3"):
            aside.append(functional.leaky_relu(self.get_submodule(f"{step}_d")(x), 0.05))
            x = functional.leaky_relu(self.get_submodule(f"{step}_r")(x) + x, 0.05)
        aside.append(functional.leaky_relu(self.get_submodule("c4")(x), 0.05))
        return self.c5(torch.cat(aside, 1))


class IlluminationStep(nn.Module):
    """One cell under the name that the published files give it; (B,3,H,W) → (B,3,H,W) in (0,1)."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = Cell(3, ILLUMINATION_CELL)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return torch.sigmoid(self.cell(x))


class IlluminationNet(nn.Module):
    """Three steps: each estimates the illumination from the picture and from what the step before made of it."""

    def __init__(self) -> None:
        super().__init__()
        self.iems = nn.ModuleList(IlluminationStep() for _ in range(STEPS))

    def forward(self, low: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B,3,H,W) in [0,1] → enhanced, illumination and its first estimate, all of the same shape and range."""
        enhanced = illumination = first = low
        for number, step in enumerate(self.iems):
            # the largest value of each 2x2 square, and from the second step on half of what was added taken off
            start = functional.max_pool2d(functional.pad(enhanced, (0, 1, 0, 1)), 2, stride=1)
            first = first if number else start
            if number:
                start = start - 0.5 * (enhanced - low)
            illumination = step(start).to(low.dtype).clamp(FLOOR, 1.0)
            enhanced = (low / illumination).clamp(0.0, 1.0)
        return enhanced, illumination, first


class NoiseNet(nn.Module):
    """(B,3,H,W) → its noise, of the same shape."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.nrms = nn.Sequential(*(Cell(6, NOISE_CELL) for _ in range(STEPS)))
        self.activate = nn.Sequential(nn.Conv2d(6, 3, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return self.activate(self.nrms(self.stem(x)))


class RUAS(nn.Module):
    """RUAS: the picture divided by an unrolled illumination estimate, and its noise taken off if asked for.

    Args:
        weights: checkpoint with the published layout, or a record's name; None draws new weights, to be trained.
        denoise: takes the noise off, too. The authors do so with the weights ``lol`` and not with ``upe`` and ``dark``.

    Raises:
        WeightsError: the file is missing or of another network.

    References:
        Liu et al., "Retinex-Inspired Unrolling with Cooperative Prior Architecture Search for Low-Light Image
        Enhancement", CVPR 2021.
    """

    outputs = ("enhanced", "illumination", "first_illumination")

    def __init__(self, weights: str | Path | None = None, denoise: bool = False) -> None:
        super().__init__()
        self.enhance_net = IlluminationNet()
        self.denoise_net = NoiseNet() if denoise else None
        if weights is not None:
            load_weights(self, weights)

    @property
    def receptive_radius(self) -> int:
        """Two pixels in a cell and one in the maximum, three times; the noise removal looks eight further."""
        return 9 if self.denoise_net is None else 17

    def adapt_state(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """A published state dict, without the noise removal where that is not used."""
        unused = "denoise_net." if self.denoise_net is None else ()
        return {key: value for key, value in state.items() if not key.startswith(unused)}

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """(B,3,H,W) RGB in [0,1] → ``enhanced``, ``illumination`` and ``first_illumination``, the largest value of each
        2x2 square, of the same shape and range."""
        enhanced, illumination, first = self.enhance_net(low)
        if self.denoise_net is not None:
            enhanced = (enhanced - self.denoise_net(enhanced).to(low.dtype)).clamp(0.0, 1.0)
        return {"enhanced": enhanced, "illumination": illumination, "first_illumination": first}
