"""SSIENet: reflectance and illumination from one network that was trained on low-light pictures alone.

Architecture: Zhang et al., "Self-supervised Image Enhancement Network: Training with Low Light Images Only",
arXiv:2002.11300 (2020). The published weights are TensorFlow variables, which load from an ``.npz`` of the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import torch
from annotated_types import Ge, MultipleOf
from torch import Tensor, nn
from torch.nn import functional

from lowface_baselines.padding import cut_to, pad_to_multiple
from lowface_core.weights.state_dict import load_weights

EvenCount = Annotated[int, Ge(2), MultipleOf(2)]
#: Scope of the published variables.
SCOPE = "DecomNet."


class SSIENet(nn.Module):
    """SSIENet: the reflectance is the enhanced picture.

    Pictures of odd height or width are padded inside by their last row or column, since one level has half the size.

    Args:
        weights: ``.npz`` of the published variables (``DecomNet.first_layer.kernel`` …; kernels height x width x in x
            out, the transposed convolution's height x width x out x in), or a checkpoint of this network, or a record's
            name; None draws new weights, to be trained.
        width: channels of the layers, an even number; one layer has half of them, two have twice. Published: 64.

    Raises:
        WeightsError: the file is missing or of another network.

    References:
        Zhang et al., "Self-supervised Image Enhancement Network: Training with Low Light Images Only",
        arXiv:2002.11300 (2020).
    """

    outputs = ("enhanced", "illumination")
    #: At most 14 pixels; even, so that tiles are halved as the whole picture is.
    receptive_radius = 16

    def __init__(self, weights: str | Path | None = None, width: EvenCount = 64) -> None:
        super().__init__()
        wide, half = 2 * width, width // 2
        self.shallow_feature_extraction = nn.Conv2d(4, width, 9, padding=4)
        self.first_layer = nn.Conv2d(4, half, 3, padding=1)
        self.activated_layer_1 = nn.Conv2d(width, width, 3, padding=1)
        self.activated_layer_2 = nn.Conv2d(width, wide, 3, stride=2)
        self.activated_layer_3 = nn.Conv2d(wide, wide, 3, padding=1)
        self.activated_layer_4 = nn.ConvTranspose2d(wide, width, 3, stride=2)
        self.activated_layer_5 = nn.Conv2d(wide, width, 3, padding=1)
        self.activated_layer_7 = nn.Conv2d(width + half, width, 3, padding=1)
        self.recon_layer = nn.Conv2d(width, 4, 3, padding=1)
        if weights is not None:
            load_weights(self, weights)

    def adapt_state(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The published variables under this network's names, kernels as out x in x height x width (transposed
        convolution in x out x height x width); another state dict as it is."""
        adapted = {}
        for key, value in state.items():
            name, kind = key.removeprefix(SCOPE).replace("/", ".").rpartition(".")[::2]
            if kind == "kernel" and value.ndim == 4:
                key, value = f"{name}.weight", value.permute(3, 2, 0, 1).contiguous()
            adapted[key.removeprefix(SCOPE)] = value
        return adapted

    def parts(self, low: Tensor) -> Tensor:
        """Reflectance and illumination, (B,4,H,W) in (0,1), of pictures of even height and width."""
        four = torch.cat([low.amax(1, keepdim=True), low], 1)
        wide = torch.relu(self.activated_layer_1(self.shallow_feature_extraction(four)))
        # TensorFlow pads a halving below and to the right alone, and cuts the doubling off there
        half = torch.relu(self.activated_layer_2(functional.pad(wide, (0, 1, 0, 1))))
        half = torch.relu(self.activated_layer_3(half))
        back = torch.relu(cut_to(self.activated_layer_4(half), wide))
        features = torch.relu(self.activated_layer_5(torch.cat([back, wide], 1)))
        features = torch.cat([features, torch.relu(self.first_layer(four))], 1)
        return torch.sigmoid(self.recon_layer(self.activated_layer_7(features))).to(low.dtype)

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """(B,3,H,W) RGB in [0,1] → ``enhanced`` (the reflectance) and ``illumination`` (B,1,H,W) in [0,1]."""
        parts = cut_to(self.parts(pad_to_multiple(low, 2)), low)
        return {"enhanced": parts[:, :3], "illumination": parts[:, 3:]}
