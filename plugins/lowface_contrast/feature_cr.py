"""Feature contrastive regularisation, equation (2) of Low-FaceNet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import torch
from annotated_types import MinLen
from torch import Tensor, nn

from lowface_core.errors import ConfigError
from lowface_core.registry.bounds import NotNegative


class FeatureCR(nn.Module):
    """Features of the enhanced picture close to those of a normal-light picture, far from those of a low-light one.

    ``Σ_i w_i · L1(F_i(enhanced), F_i(positive)) / (L1(F_i(enhanced), F_i(negative)) + eps)`` with L1 the mean absolute
    difference over the whole batch. The paper and its released code agree; layers and weights are the released ones.

    Args:
        layers: rungs of the feature head that are compared.
        layer_weights: w_i, one a layer.
        eps: keeps the ratio finite where the enhanced picture equals the negative.
        negatives: False leaves the denominator out (the paper's ablation without negatives); the loss is then the plain
            weighted L1 distance to the positive, whose size depends on the features' scale.

    Raises:
        ConfigError: the number of weights is not that of the layers.

    References:
        Fan et al., Low-FaceNet, IEEE TIM 73 (2024), equation (2).
    """

    def __init__(
        self,
        layers: Annotated[Sequence[str], MinLen(1)] = ("relu1_2", "relu2_2", "relu3_3"),
        layer_weights: Sequence[float] = (1 / 32, 1 / 16, 1 / 8),
        eps: NotNegative = 1e-7,
        negatives: bool = True,
    ) -> None:
        super().__init__()
        if len(layers) != len(layer_weights):
            raise ConfigError(
                f"feature_cr: layers is {layers!r} and layer_weights is {layer_weights!r}; "
                "give two lists of the same length, a weight for each layer"
            )
        self.layers = tuple(layers)
        self.layer_weights = tuple(float(weight) for weight in layer_weights)
        self.eps = eps
        self.negatives = negatives

    def forward(
        self, enhanced: Tensor, positive: Tensor, negative: Tensor, features: Callable[[Tensor, str], Tensor]
    ) -> Tensor:
        """The loss of a batch.

        Args:
            enhanced, positive, negative: (B,3,H,W) in [0,1]; positive and negative are unpaired with enhanced and
                receive no gradient.
            features: a feature head, ``features(picture, layer)`` → (B,C,h,w).

        Returns:
            scalar in single precision at least, 0 where enhanced equals positive.
        """
        # layer by layer upwards, so that a head which remembers its pictures climbs each of them once
        given = [features(enhanced, layer) for layer in self.layers]
        wanted = [features(positive, layer).detach() for layer in self.layers]
        terms = [w * distance(e, p) for w, e, p in zip(self.layer_weights, given, wanted, strict=True)]
        if self.negatives:
            unwanted = [features(negative, layer).detach() for layer in self.layers]
            terms = [t / (distance(e, n) + self.eps) for t, e, n in zip(terms, given, unwanted, strict=True)]
        return torch.stack(terms).sum()


def distance(a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute difference, summed in at least single precision."""
    # a sum, because the gradient of a mean is written out once more, as large as the features
    return (a - b).abs().sum(dtype=torch.promote_types(a.dtype, torch.float32)) / a.numel()
