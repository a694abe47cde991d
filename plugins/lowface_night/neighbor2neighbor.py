"""Neighbor2Neighbor: learning to take out noise from noisy pictures alone."""

from __future__ import annotations

from torch import Tensor, nn

from lowface_core.registry.bounds import NotNegative
from lowface_night.sub_images import Enhance, NeighbourPairs, in_the_light_of


class Neighbor2NeighborLoss(nn.Module):
    """What the network makes of one half of the pixels is to be the other half, brightened and with its noise.

    As the noise of neighbours is independent, the best answer to that is the picture without it. The second term
    corrects for neighbours not being the same place. For pictures without a normal-light partner, beside losses that
    say how bright the result is to be: this one says nothing of it. Noise that is correlated between pixels, as
    after demosaicing or JPEG, is taken for texture.

    Args:
        gamma: weight of the second term; the paper's λ, 2 for its Gaussian noise.
        seed: of the pattern of pairs, which is drawn once.

    References:
        Huang et al., "Neighbor2Neighbor: Self-supervised denoising from single noisy images", CVPR 2021, equation (9),
        there for networks that keep the brightness; pairs are drawn anew for each picture there.
    """

    def __init__(self, gamma: NotNegative = 2.0, seed: int = 0) -> None:
        super().__init__()
        self.gamma, self.pairs = gamma, NeighbourPairs(seed)

    def forward(self, low: Tensor, enhanced: Tensor, enhance: Enhance) -> Tensor:
        """Scalar ≥ 0.

        Args:
            low: (B,3,H,W) in [0,1], at least 2x2.
            enhanced: (B,3,H,W), what the network made of it; receives no gradient.
            enhance: the network under training.

        Raises:
            DataError: a picture is smaller than 2x2.
        """
        first, second = self.pairs(low)
        made = enhance(first)
        gap = made.float() - in_the_light_of(second, first, made)
        whole_first, whole_second = self.pairs(enhanced.detach().float())
        between = gap - (whole_first - whole_second)
        return gap.square().mean() + self.gamma * between.square().mean()
