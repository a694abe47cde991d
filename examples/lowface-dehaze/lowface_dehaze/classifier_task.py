"""How ``lowface pretrain`` trains the classifier: on clear pictures, so that haze is new to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.data.batches import evaluation_batches
from lowface_core.data.dataset import Dataset
from lowface_core.errors import ConfigError
from lowface_fidelity.timm_classifier import TimmClassifierNet


class ClassifierTask(nn.Module):
    """Classification of a data set's identities by a timm network.

    Args:
        head_config: the head's config without its type: ``model``, ``num_classes``, ….
        dataset: the training set; carries ``normal`` and ``identity``.
        mirror: share of training pictures that are mirrored.
        shift: training pictures are moved by up to this many pixels each way.
        smoothing: label smoothing of the cross-entropy, in [0,1).

    Raises:
        ConfigError: the data set lacks something, or the number of classes is not that of its identities.
    """

    def __init__(
        self,
        head_config: Mapping[str, Any],
        dataset: Dataset,
        mirror: float = 0.5,
        shift: int = 4,
        smoothing: float = 0.1,
    ) -> None:
        super().__init__()
        missing = [name for name in ("normal", "identity") if name not in dataset.names]
        if missing:
            raise ConfigError(
                f"identity_classifier: {type(dataset).__name__} lacks {', '.join(missing)}; train it on known people"
            )
        people = len(dataset.identities)
        if head_config.get("num_classes") != people:
            raise ConfigError(
                f"head.num_classes: is {head_config.get('num_classes')}, but the data set has {people} identities; "
                f"write num_classes={people}"
            )
        self.network = TimmClassifierNet(**head_config)
        self.mirror, self.shift, self.smoothing = mirror, shift, smoothing

    def loss(self, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """``{"identity": cross-entropy}`` of a batch with ``normal`` (B,3,H,W) in [0,1] and ``identity`` (B,)."""
        logits = self.network(self.augment(batch["normal"])).float()
        return {"identity": F.cross_entropy(logits, batch["identity"], label_smoothing=self.smoothing)}

    @torch.no_grad()
    def augment(self, image: Tensor) -> Tensor:
        """The batch (B,3,H,W), mirrored picture by picture and moved as a whole; the border is repeated."""
        mirrored = torch.rand(len(image), 1, 1, 1) < self.mirror  # drawn on the CPU: the same on every device
        image = torch.where(mirrored.to(image.device), image.flip(-1), image)
        if not self.shift:
            return image
        down, right = torch.randint(0, 2 * self.shift + 1, (2,)).tolist()
        height, width = image.shape[-2:]
        return F.pad(image, (self.shift,) * 4, mode="replicate")[..., down : down + height, right : right + width]

    @torch.no_grad()
    def evaluate(self, dataset: Dataset, device: torch.device | str, batch_size: int) -> dict[str, float]:
        """Accuracy on a data set: ``accuracy`` on clear pictures, and ``accuracy_low`` where it has degraded ones."""
        was_training = self.training
        self.eval()
        right = {name: 0 for name in ("normal", "low") if name in dataset.names}
        for batch in evaluation_batches(dataset, batch_size):
            for name in right:
                found = self.network(batch[name].to(device)).argmax(1).cpu()
                right[name] += int((found == batch["identity"]).sum())
        self.train(was_training)
        said = {"normal": "accuracy", "low": "accuracy_low"}
        return {said[name]: count / len(dataset) for name, count in right.items()}

    def state(self) -> dict[str, Tensor]:
        """The timm network's state dict, which is what the head loads."""
        return self.network.network.state_dict()
