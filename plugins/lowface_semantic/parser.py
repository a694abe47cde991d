"""What every face parser shares: picture in, logits at the picture's size out."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.data.normalise import IMAGENET_MEAN, IMAGENET_STD, Normalise
from lowface_core.registry.bounds import Count


class Parser(nn.Module):
    """A segmentation network between the project's pictures and logits of the same size.

    Args:
        network: normalised (B,3,H,W) → logits (B,C,h,w) at any smaller size.
        input_size: length in pixels to which a picture's longer side is brought (up or down) before the network sees
            it; None leaves pictures as they are. A network that learnt faces of one size reads them best at that size.
        normalize: subtract the channel means and divide by the standard deviations.
        mean, std: of the network's input channels, for pictures in [0,1]; ImageNet's by default.
        channels: order in which the network takes the colour channels, ``rgb`` or ``bgr``.
        multiple: heights and widths are padded to multiples of this.
        smallest: and at least to this many pixels.

    Padding repeats the lower and right edge and is cut off again, so any picture of at least 1x1 pixel will do.

    Raises:
        ConfigError: ``input_size`` is not a positive whole number.
    """

    def __init__(
        self,
        network: nn.Module,
        input_size: Count | None = None,
        normalize: bool = True,
        multiple: int = 8,
        smallest: int = 8,
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
        channels: str = "rgb",
    ) -> None:
        super().__init__()
        self.network = network
        self.input_size = input_size
        self.normalise = Normalise(mean, std) if normalize else nn.Identity()
        self.channels = channels
        self.multiple = multiple
        self.smallest = smallest

    def forward(self, image: Tensor) -> Tensor:
        """Class scores of every pixel of ``image`` (B,3,H,W) RGB in [0,1], H and W at least 1.

        Logits (B,C,H,W) in the picture's number format; ``logits.argmax(1)`` is the parsing map. Differentiable with
        respect to the picture.
        """
        height, width = image.shape[-2:]
        image = image.flip(1) if self.channels == "bgr" else image
        x = self.normalise(image)
        scale = self.input_size / max(height, width) if self.input_size else 1.0
        if scale != 1.0:
            size = (max(1, round(height * scale)), max(1, round(width * scale)))
            x = F.interpolate(x, size=size, mode="bilinear", align_corners=False, antialias=scale < 1)
        inner = x.shape[-2:]
        below, beside = (-(-max(side, self.smallest) // self.multiple) * self.multiple - side for side in inner)
        if below or beside:
            x = F.pad(x, (0, beside, 0, below), mode="replicate")
        logits = self.network(x).to(image.dtype)
        logits = F.interpolate(logits, size=x.shape[-2:], mode="bilinear", align_corners=False)
        logits = logits[..., : inner[0], : inner[1]]
        if scale != 1.0:
            logits = F.interpolate(logits, size=(height, width), mode="bilinear", align_corners=False)
        return logits
