"""Pretraining of the small feature network on rendered faces: where the parts of a face are, and of what colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lowface_core.data.batches import evaluation_batches
from lowface_core.errors import DataError, listing
from lowface_fidelity.small_features import DEFAULT_WIDTHS, SmallFeaturesNet

CLASSES = 11
DARKEST = 0.1


class FeaturesTask(nn.Module):
    """Trains :class:`SmallFeaturesNet` to tell, from its top rung alone, the parsing map and a low-pass picture.

    A perceptual loss wants features that know parts and features that know colours: the parsing map asks for the
    first, the reconstruction for the second. Both are predicted by a 1x1 convolution at the top rung's resolution, an
    eighth of the picture's, so the network itself must do the work. The labels there are the shares of each class in a
    cell, so that small parts (eyes, lips) are not lost by subsampling. Pictures are dimmed at random in training,
    because an enhancer shows its losses dark pictures too.

    Args:
        head_config: config of the head to be trained; ``widths`` is read from it.
        dataset: the training set; its items must carry ``normal`` and ``labels``.
        reconstruction_weight: weight of the mean squared error of the reconstruction beside the cross-entropy.
        dim_probability: share of training pictures that are dimmed, by a factor uniform in [0.1, 1].

    Raises:
        DataError: the dataset lacks ``normal`` or ``labels``.
    """

    def __init__(
        self,
        head_config: Mapping[str, Any],
        dataset: Any,
        reconstruction_weight: float = 5.0,
        dim_probability: float = 0.5,
    ) -> None:
        super().__init__()
        missing = [name for name in ("normal", "labels") if name not in dataset.names]
        if missing:
            raise DataError(
                f"pretraining small_features needs a dataset with {missing[0]!r}; {type(dataset).__name__} has "
                f"{listing(dataset.names)}"
            )
        widths = head_config.get("widths", DEFAULT_WIDTHS)
        self.network = SmallFeaturesNet(widths)
        for parameter in self.network.parameters():
            if parameter.ndim > 1:
                nn.init.kaiming_normal_(parameter, nonlinearity="relu")
            else:
                nn.init.zeros_(parameter)
        self.parsing = nn.Conv2d(widths[-1], CLASSES, 1)
        self.reconstruction = nn.Conv2d(widths[-1], 3, 1)
        self.reconstruction_weight = reconstruction_weight
        self.dim_probability = dim_probability

    def predict(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Parsing logits (B,11,h,w) and low-pass picture (B,3,h,w) at an eighth of the size of (B,3,H,W) in [0,1]."""
        top = self.network(image, self.network.layers[-1])
        return self.parsing(top), self.reconstruction(top)

    def loss(self, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """``parsing`` (cross-entropy, nats) and ``reconstruction`` (weighted mean squared error) of a batch.

        It holds ``normal`` (B,3,H,W) in [0,1] and ``labels`` (B,H,W) int64, H and W at least 8.
        """
        image = batch["normal"]
        dimmed = torch.rand(len(image)) < self.dim_probability  # drawn on the CPU: the same on every device
        factor = torch.where(dimmed, DARKEST + (1 - DARKEST) * torch.rand(len(image)), 1.0)
        image = image * factor.to(image).view(-1, 1, 1, 1)
        logits, picture = self.predict(image)
        shares, low_pass = targets(batch["labels"], image, logits.shape[-2:])
        error = (picture.float() - low_pass.float()).square().mean()
        return {
            "parsing": functional.cross_entropy(logits.float(), shares.float()),
            "reconstruction": self.reconstruction_weight * error,
        }

    @torch.no_grad()
    def evaluate(self, dataset: Any, device: torch.device | str, batch_size: int = 16) -> dict[str, float]:
        """Quality on a dataset, best one of unseen identities, at the top rung's resolution.

        Returns:
            ``miou``: intersection over union of each cell's majority class, averaged over the classes that occur, in
            [0,1]; ``reconstruction_psnr``: of the low-pass pictures, over all their pixels, in dB.
        """
        confusion = torch.zeros(CLASSES, CLASSES, dtype=torch.float64)
        squared, count = 0.0, 0
        for batch in evaluation_batches(dataset, batch_size):
            normal, labels = batch["normal"].to(device), batch["labels"].to(device)
            logits, picture = self.predict(normal)
            shares, low_pass = targets(labels, normal, logits.shape[-2:])
            cell = shares.argmax(1) * CLASSES + logits.argmax(1)
            confusion += torch.bincount(cell.flatten().cpu(), minlength=CLASSES**2).view(CLASSES, CLASSES)
            squared += float((picture - low_pass).double().square().sum())
            count += low_pass.numel()
        hits = confusion.diagonal()
        union = confusion.sum(0) + confusion.sum(1) - hits
        occurs = confusion.sum(1) > 0
        psnr = -10 * float(np.log10(max(squared / max(count, 1), 1e-12)))
        return {"miou": float((hits / union.clamp_min(1))[occurs].mean()), "reconstruction_psnr": psnr}

    def state(self) -> dict[str, Tensor]:
        """The network's state dict, what the head ``small_features`` loads; the two predictors are left behind."""
        return self.network.state_dict()


def targets(labels: Tensor, image: Tensor, size: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Class shares (B,11,h,w), each cell summing to 1, and the area-averaged picture (B,3,h,w)."""
    height, width = size
    one_hot = functional.one_hot(labels, CLASSES).movedim(-1, 1).to(image.dtype)
    pooled = nn.AdaptiveAvgPool2d((height, width))
    return pooled(one_hot), pooled(image)
