"""A plain gamma curve: what any enhancer has to beat."""

from __future__ import annotations

from torch import Tensor, nn

from lowface_core.registry.bounds import Positive


class Gamma(nn.Module):
    """Raises every value to one power, the same for every picture; learns nothing.

    Args:
        gamma: the exponent, above 0; below 1 brightens, 1 changes nothing. 0.4 takes 0.1 to 0.40 and 0.02 to 0.21.

    References:
        Gonzalez and Woods, Digital Image Processing, power-law transformations (s = r^γ on values in [0,1]).
    """

    outputs = ("enhanced",)
    #: Each pixel depends on itself alone, so pictures of any size can be worked on in tiles.
    receptive_radius = 0

    def __init__(self, gamma: Positive = 0.4) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """(B,3,H,W) RGB in [0,1] → ``enhanced`` = low^γ of the same shape and range."""
        return {"enhanced": low.clamp(0.0, 1.0).pow(self.gamma)}
