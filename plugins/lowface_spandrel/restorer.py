"""Any restoration checkpoint that spandrel knows, as an enhancer."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn
from torch.nn import functional

from lowface_spandrel.detect import detect


class Restorer(nn.Module):
    """A network whose architecture is read off its checkpoint: Retinexformer, NAFNet, HVI-CIDNet, Uformer, SwinIR, …

    Which architectures there are depends on the installed spandrel (github.com/chaiNNer-org/spandrel, MIT licence). Its
    parameters train like any network's. How far such a network looks is not stated, so there is no
    ``receptive_radius``: pictures are seen whole.

    Args:
        weights: checkpoint file of a network that restores RGB pictures at their own size. Only tensors and plain data
            are read from it.

    Raises:
        PluginError: spandrel is not installed.
        WeightsError: the file cannot be read, spandrel does not know its architecture, or the network does something
            else, such as enlarging pictures.
    """

    outputs = ("enhanced",)

    def __init__(self, weights: str | Path) -> None:
        super().__init__()
        found = detect(weights)
        self.architecture: str = found.architecture.name
        self._needs = found.size_requirements
        self._call = found._call_fn  # some networks want more than the picture, or answer with more than one
        self.network: nn.Module = found.model.train().requires_grad_(True)

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """(B,3,H,W) RGB in [0,1], any size from 1x1 → ``enhanced`` of the same shape and range.

        Pictures are padded to the size that the network needs, by their mirror image as far as it goes and by their
        last pixels beyond; what was added is cut off again.
        """
        height, width = low.shape[-2:]
        right, down = self._needs.get_padding(width, height)
        restored: Tensor = self._call(self.network, padded(low, down, right))[..., :height, :width]
        return {"enhanced": restored.to(low.dtype).clamp(0.0, 1.0)}


def padded(picture: Tensor, down: int, right: int) -> Tensor:
    """(B,C,H,W) → (B,C,H+down,W+right): mirrored where the picture is large enough, else its last pixels repeated."""
    height, width = picture.shape[-2:]
    mirrored = min(right, width - 1), min(down, height - 1)
    picture = functional.pad(picture, (0, mirrored[0], 0, mirrored[1]), mode="reflect")
    return functional.pad(picture, (0, right - mirrored[0], 0, down - mirrored[1]), mode="replicate")
