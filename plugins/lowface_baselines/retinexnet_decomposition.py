"""RetinexNet's first training: a dark and a bright picture of one scene have the same reflectance."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from lowface_baselines.retinex_reconstruction import reconstruction
from lowface_baselines.structure_smoothness import structure_smoothness
from lowface_core.registry.bounds import NotNegative


class RetinexNetDecomposition(nn.Module):
    """``Σ_i Σ_j λ_ij |R_i I_j − S_j| + λ_ir |R_low − R_normal| + λ_is Σ_i smooth(I_i, R_i)``, i and j low or normal.

    λ_ij is 1 for i = j. Norms are means over pixels and colours; ``smooth`` as in
    :class:`~lowface_baselines.structure_smoothness.StructureSmoothness`.

    Args:
        crossed: λ_ij of one picture's reflectance with the other's illumination.
        consistency: λ_ir.
        smoothness: λ_is.
        strength: of ``smooth``.

    References:
        Wei et al., RetinexNet, BMVC 2018, training of the decomposition: λ_ij 0.001, λ_ir 0.001, λ_is 0.1, λ_g
        10; weight 1.
    """

    def __init__(
        self,
        crossed: NotNegative = 0.001,
        consistency: NotNegative = 0.001,
        smoothness: NotNegative = 0.1,
        strength: NotNegative = 10.0,
    ) -> None:
        super().__init__()
        self.crossed, self.consistency, self.smoothness, self.strength = crossed, consistency, smoothness, strength
        self.logged: dict[str, Tensor] = {}

    def forward(
        self,
        low: Tensor,
        normal: Tensor,
        reflectance: Tensor,
        illumination: Tensor,
        decompose: Callable[[Tensor], tuple[Tensor, Tensor]],
    ) -> Tensor:
        """The loss of a batch, a scalar ≥ 0; :attr:`logged` holds its three parts without their weights.

        Args:
            low, normal: the same scenes, (B,3,H,W) in [0,1].
            reflectance, illumination: of ``low``, (B,3,H,W) and (B,1,H,W) in [0,1].
            decompose: the network under training, which takes ``normal`` apart in the same way.
        """
        pictures, other = (low, normal), decompose(normal)
        reflectances, illuminations = (reflectance, other[0]), (illumination, other[1])
        terms = [
            (1.0 if i == j else self.crossed) * reconstruction(pictures[j], reflectances[i], illuminations[j])
            for i in (0, 1)
            for j in (0, 1)
        ]
        rebuilt = terms[0] + terms[1] + terms[2] + terms[3]
        apart = (reflectance - other[0]).float().abs().mean()
        steps = [structure_smoothness(r, i, self.strength) for r, i in zip(reflectances, illuminations, strict=True)]
        smooth = steps[0] + steps[1]
        parts = {"reconstruction": rebuilt, "consistency": apart, "smoothness": smooth}
        self.logged = {name: value.detach() for name, value in parts.items()}
        return rebuilt + self.consistency * apart + self.smoothness * smooth
