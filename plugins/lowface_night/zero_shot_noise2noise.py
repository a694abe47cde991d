"""Zero-Shot Noise2Noise: learning to take out noise from few noisy pictures, or a single one."""

from __future__ import annotations

from torch import Tensor, nn

from lowface_night.sub_images import Enhance, diagonals, in_the_light_of


class ZeroShotNoise2NoiseLoss(nn.Module):
    """Each of two half-size pictures, enhanced, is to be the other; and it is to be half of the whole, enhanced.

    For pictures without a normal-light partner, beside losses that say how bright the result is to be. Noise that is
    correlated between pixels is taken for texture.

    References:
        Mansour and Heckel, "Zero-Shot Noise2Noise: Efficient image denoising without any data", CVPR 2023,
        equations (4) to (6), there for networks that keep the brightness and predict the noise.
    """

    def forward(self, low: Tensor, enhanced: Tensor, enhance: Enhance) -> Tensor:
        """Scalar ≥ 0.

        Args:
            low: (B,3,H,W) in [0,1], at least 2x2.
            enhanced: (B,3,H,W), what the network made of it.
            enhance: the network under training.

        Raises:
            DataError: a picture is smaller than 2x2.
        """
        halves, wholes = diagonals(low), diagonals(enhanced.float())
        made = [enhance(half) for half in halves]
        total = enhanced.new_zeros((), dtype=wholes[0].dtype)
        for own, source, target, whole in zip(made, halves, reversed(halves), wholes, strict=True):
            gap = own.float() - in_the_light_of(target, source, own)
            total = total + (gap.square().mean() + (whole - own.float()).square().mean()) / 2
        return total
