"""How ``lowface pretrain`` trains a DeepLabv3+ parser."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lowface_core.data.batches import evaluation_batches
from lowface_core.errors import ConfigError, DataError, listing
from lowface_semantic.augment import augment
from lowface_semantic.classes import IGNORED, LAPA_CLASSES
from lowface_semantic.deeplabv3plus import parser_arguments
from lowface_semantic.network import build_model
from lowface_semantic.parser import Parser
from lowface_semantic.scores import confusion, scores

# Brows, eyes and lips cover 0.1 to 2 % of a face picture; weights grow roughly with the inverse root of the share.
_CLASS_WEIGHT = (0.6, 0.6, 1.8, 1.8, 2.2, 2.2, 0.9, 1.8, 1.8, 1.8, 0.8)


class ParserTask(nn.Module):
    """Pixel-wise classification with mmsegmentation's cross-entropy, on pictures relit and mirrored at random.

    Args:
        head_config: config of a ``deeplabv3plus`` head; ``weights`` in it is ignored.
        dataset: training set; its items must carry ``normal`` and ``labels``: any folder of pictures with label maps,
            e.g. ``lapa_face``.
        class_weight: factor of each class in the cross-entropy. None: for the 11 LaPa classes weights that favour the
            small parts, else all equal.
        brightness, gamma, noise: see :func:`lowface_semantic.augment.relight`.

    Raises:
        ConfigError: an argument or the head's config is not usable.
        DataError: the data set has no ``normal`` or no ``labels``.
    """

    class_weight: Tensor

    def __init__(
        self,
        head_config: Mapping[str, Any],
        dataset: Any,
        class_weight: Sequence[float] | None = None,
        brightness: tuple[float, float] = (0.3, 1.1),
        gamma: tuple[float, float] = (0.7, 1.5),
        noise: float = 0.03,
    ) -> None:
        super().__init__()
        given = {key: value for key, value in head_config.items() if key not in ("type", "weights")}
        _require(dataset)
        self.parser = Parser(**parser_arguments(**given))
        network: Any = self.parser.network  # mmsegmentation is untyped
        self.num_classes: int = network.out_channels
        if class_weight is None and self.num_classes == len(LAPA_CLASSES):
            class_weight = _CLASS_WEIGHT
        if class_weight is not None and len(class_weight) != self.num_classes:
            raise ConfigError(f"class_weight has {len(class_weight)} numbers for {self.num_classes} classes")
        self.augment = functools.partial(augment, brightness=brightness, gamma=gamma, noise=noise)
        weight = [1.0] * self.num_classes if class_weight is None else [float(w) for w in class_weight]
        self.criterion = build_model({"type": "CrossEntropyLoss", "class_weight": weight, "avg_non_ignore": True})
        self.register_buffer("class_weight", torch.tensor(weight), persistent=False)

    @property
    def network(self) -> nn.Module:
        """The network that is trained and shipped."""
        return self.parser.network

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes: LaPa's when there are 11, numbers otherwise."""
        return LAPA_CLASSES if self.num_classes == len(LAPA_CLASSES) else tuple(map(str, range(self.num_classes)))

    def loss(self, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """``loss_ce`` for ``normal`` (B,3,H,W) in [0,1] and ``labels`` (B,H,W), augmented while in train mode."""
        image, labels = batch["normal"], batch["labels"].long()
        if self.training:
            image, labels = self.augment(image, labels)
        logits = self.parser(image).float()
        # The library's own average looks up a weight for every label and fails on unlabelled pixels (255).
        total = self.class_weight[labels[labels != IGNORED]].sum()
        return {"loss_ce": self.criterion(logits, labels, ignore_index=IGNORED, avg_factor=total)}

    @torch.no_grad()
    def evaluate(self, dataset: Any, device: torch.device | str = "cpu", batch_size: int = 8) -> dict[str, Any]:
        """``miou``, ``accuracy`` and ``iou`` by class name, from one confusion matrix over the whole data set.

        Raises:
            DataError: the data set is empty or has no ``normal`` or no ``labels``.
        """
        _require(dataset)
        if len(dataset) == 0:
            raise DataError("the data set to evaluate on is empty")
        matrix = torch.zeros(self.num_classes, self.num_classes, dtype=torch.int64)
        for batch in evaluation_batches(dataset, batch_size):
            predicted = self.parser(batch["normal"].to(device)).argmax(1)
            matrix += confusion(predicted, batch["labels"].to(device), self.num_classes)
        return scores(matrix, self.classes)

    def state(self) -> dict[str, Tensor]:
        """State dict for the weights file: what the head ``deeplabv3plus`` of the same backbone loads."""
        return self.network.state_dict()


def _require(dataset: Any) -> None:
    for name in ("normal", "labels"):
        if name not in dataset.names:
            raise DataError(
                f"{type(dataset).__name__} has no {name!r}, which a parser learns from; it has {listing(dataset.names)}"
            )
