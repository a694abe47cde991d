"""How ``lowface pretrain`` trains the classifier: on good pictures alone, so that darkness is new to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.data.batches import evaluation_batches
from lowface_core.data.dataset import Dataset
from lowface_sr4ir.resnet_ladder import ResNetLadderNet


class PatternTask(nn.Module):
    """Classification of a data set's ``normal`` pictures by their ``identity``.

    Args:
        head_config: the head's config without its type.
        dataset: the training set.
    """

    def __init__(self, head_config: Mapping[str, Any], dataset: Dataset) -> None:
        super().__init__()
        self.network = ResNetLadderNet(**head_config)

    def loss(self, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """``{"class": cross-entropy}`` of a batch."""
        return {"class": F.cross_entropy(self.network(batch["normal"], "logits").flatten(1).float(), batch["identity"])}

    @torch.no_grad()
    def evaluate(self, dataset: Dataset, device: torch.device | str, batch_size: int) -> dict[str, float]:
        """Accuracy on good pictures, and ``accuracy_low`` where the data set has dark ones."""
        right = {name: 0 for name in ("normal", "low") if name in dataset.names}
        for batch in evaluation_batches(dataset, batch_size):
            for name in right:
                found = self.network(batch[name].to(device), "logits").flatten(1).argmax(1).cpu()
                right[name] += int((found == batch["identity"]).sum())
        return {{"normal": "accuracy", "low": "accuracy_low"}[k]: count / len(dataset) for k, count in right.items()}

    def state(self) -> dict[str, Tensor]:
        """What the head loads."""
        return self.network.state_dict()
