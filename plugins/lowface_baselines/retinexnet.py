"""RetinexNet: a picture is taken apart into reflectance and illumination, and the illumination brightened.

Architecture: Wei et al., "Deep Retinex Decomposition for Low-Light Enhancement", BMVC 2018. The parameter names are
those of the public PyTorch checkpoints, of which one holds the decomposition (``net1``), one the relighting (``net2``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from lowface_baselines.padding import cut_to, pad_to_multiple
from lowface_core.errors import WeightsError
from lowface_core.registry.bounds import Count
from lowface_core.registry.loader import plugins
from lowface_core.weights.state_dict import fit, read_state
from lowface_core.weights.store import resolve

#: Keys of the relighting begin so.
RELIGHTING = "net2_"


def convolution(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    """Convolution with bias; beyond the border the picture's last pixels go on."""
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, padding_mode="replicate")


class RetinexNet(nn.Module):
    """RetinexNet without its denoising step (BM3D): reflectance times the relit illumination.

    Sizes that are no multiples of eight are padded inside with their last row and column, so that the three halvings
    come out even everywhere; the public code leaves the halves uneven.

    Args:
        weights: checkpoint of the decomposition, or one of the whole network; or a record's name; None draws new
            weights, to be trained.
        relight: checkpoint of the relighting, or a record's name. By default, where ``weights`` holds the decomposition
            alone, the record ``relighting``.
        width: channels of the layers; published: 64.
        trained: which of its two networks a training changes.

    Raises:
        WeightsError: a file is missing or of another network.

    References:
        Wei et al., "Deep Retinex Decomposition for Low-Light Enhancement", BMVC 2018.
    """

    outputs = ("enhanced", "reflectance", "illumination", "relit", "decompose")
    #: At most 10 pixels in the decomposition and 23 in the relighting, rounded up to a multiple of eight, so that tiles
    #: are halved as the whole picture is.
    receptive_radius = 40

    def __init__(
        self,
        weights: str | Path | None = None,
        relight: str | Path | None = None,
        width: Count = 64,
        trained: Literal["all", "decomposition", "relighting"] = "all",
    ) -> None:
        super().__init__()
        self.net1_conv0 = convolution(4, width, 9)
        layers = [layer for _ in range(5) for layer in (convolution(width, width), nn.ReLU())]
        self.net1_convs = nn.Sequential(*layers)
        self.net1_recon = convolution(width, 4)
        self.net2_conv0_1 = convolution(4, width)
        for number in (1, 2, 3):
            setattr(self, f"net2_conv1_{number}", convolution(width, width, stride=2))
            setattr(self, f"net2_deconv1_{number}", convolution(2 * width, width))
        self.net2_fusion = nn.Conv2d(3 * width, width, 1)
        self.net2_output = convolution(width, 1)
        self._relight = relight
        if weights is not None:
            fit(self, read_state(weights), weights)
        for name, parameter in self.named_parameters():
            parameter.requires_grad_(trained == "all" or (trained == "relighting") == name.startswith(RELIGHTING))

    def adapt_state(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The state dict of the decomposition with that of the relighting added; a whole one as it is."""
        if not any(key.startswith("net1_") for key in state) or any(key.startswith(RELIGHTING) for key in state):
            return dict(state)
        path = resolve(plugins().find("enhancer", "lowface/retinexnet"), self._relight or "relighting")
        relighting = read_state(path)
        if not any(key.startswith(RELIGHTING) for key in relighting):
            raise WeightsError(f"{path}: is no relighting of RetinexNet, whose keys begin with {RELIGHTING}")
        return {**state, **{key: value for key, value in relighting.items() if key.startswith(RELIGHTING)}}

    def decompose(self, low: Tensor) -> tuple[Tensor, Tensor]:
        """(B,3,H,W) in [0,1] → reflectance (B,3,H,W) and illumination (B,1,H,W), both in (0,1)."""
        features = self.net1_conv0(torch.cat([low.amax(1, keepdim=True), low], 1))
        parts = torch.sigmoid(self.net1_recon(self.net1_convs(features))).to(low.dtype)
        return parts[:, :3], parts[:, 3:]

    def brighten(self, reflectance: Tensor, illumination: Tensor) -> Tensor:
        """The relit illumination (B,1,H,W), not bounded; H and W are multiples of eight."""
        levels = [self.net2_conv0_1(torch.cat([reflectance, illumination], 1))]
        for number in (1, 2, 3):
            levels.append(torch.relu(getattr(self, f"net2_conv1_{number}")(levels[-1])))
        features, size, gathered = levels.pop(), illumination.shape[-2:], []
        for number in (1, 2, 3):
            beside = levels.pop()
            features = torch.cat([functional.interpolate(features, beside.shape[-2:]), beside], 1)
            features = torch.relu(getattr(self, f"net2_deconv1_{number}")(features))
            gathered.append(functional.interpolate(features, size))
        relit: Tensor = self.net2_output(self.net2_fusion(torch.cat(gathered, 1)))
        return relit.to(illumination.dtype)

    def forward(self, low: Tensor) -> dict[str, Any]:
        """Takes pictures apart and puts them together brighter.

        Args:
            low: (B,3,H,W) RGB in [0,1], any size from 1x1.

        Returns:
            ``enhanced`` and ``reflectance`` (B,3,H,W) in [0,1], ``illumination`` (B,1,H,W) in [0,1], and ``relit``
            (B,1,H,W), the illumination that ``enhanced`` has, not bounded; in training also ``decompose``, the function
            :meth:`decompose`, for losses that take other pictures apart.
        """
        reflectance, illumination = self.decompose(pad_to_multiple(low, 8))
        relit = self.brighten(reflectance, illumination)
        enhanced = (reflectance * relit).clamp(0.0, 1.0)
        found = {"enhanced": enhanced, "reflectance": reflectance, "illumination": illumination, "relit": relit}
        outputs: dict[str, Any] = {name: cut_to(value, low) for name, value in found.items()}
        return {**outputs, "decompose": self.decompose} if self.training else outputs
