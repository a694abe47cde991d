"""Image metrics of torchmetrics, picture by picture."""

from __future__ import annotations

import importlib.metadata
import inspect
import re
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lowface_core.errors import ConfigError, LowfaceError, listing, nearest
from lowface_core.lazy import needed
from lowface_iqa.judge import Judge

#: Those that look at one picture alone.
ALONE = {"TotalVariation"}
#: Those that say nothing of single RGB pictures with a reference: they compare sets, or bands of satellites; and those
#: that fetch networks of their own.
LEFT_OUT = re.compile(r"Inception|PathLength|Distortion|QualityWithNoReference|Learned|Deep|Arniqa|BlockedEffect")


def names(library: Any) -> dict[str, type]:
    """What may be asked for: name in lower case with underscores → class."""
    found = {}
    for name in library.__all__:
        if not LEFT_OUT.search(name):
            found[re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()] = getattr(library, name)
    return found


class TorchmetricsJudge(Judge):
    """A class of ``torchmetrics.image``, asked about one picture at a time.

    Args:
        name: its class, as it is or in lower case with underscores.
        options: its keywords; ``data_range`` is 1 unless given.

    Raises:
        PluginError: torchmetrics is not installed.
        ConfigError: there is no such metric, or it does not take these keywords.
    """

    def __init__(self, name: str, options: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about its own optional packages
            known = names(needed("torchmetrics.image", "torchmetrics", "torchmetrics"))
        key = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        if key not in known:
            version = importlib.metadata.version("torchmetrics")
            where = f"torchmetrics {version} has no such metric of single pictures"
            raise ConfigError(f"name: {where}: {name!r}{nearest(key, known)}; it has {listing(known)}")
        kind, given = known[key], dict(options or {})
        if "data_range" in inspect.signature(kind).parameters:
            given.setdefault("data_range", 1.0)
        try:
            self._metric: list[Any] = [kind(**given)]  # not a child: its state dict takes arguments of its own
        except (TypeError, ValueError) as error:
            raise ConfigError(f"options: torchmetrics' {kind.__name__} does not take them ({error})") from error
        self.title, self.compares = f"torchmetrics {kind.__name__}", kind.__name__ not in ALONE
        self.higher = bool(kind.higher_is_better)  # type: ignore[attr-defined]  # Metric's

    def forward(self, image: Tensor, normal: Tensor | None = None) -> Tensor:
        """See the base class."""
        references = normal if normal is not None and self.compares else image
        device = image.device
        self._metric[0].to(device)
        with torch.autocast(device.type, enabled=False):
            values = [
                self._one(picture.float(), reference.float())
                for picture, reference in zip(image.split(1), references.split(1), strict=True)
            ]
        return torch.stack(values)

    def _one(self, picture: Tensor, reference: Tensor) -> Tensor:
        metric = self._metric[0]
        metric.reset()  # it keeps what it is shown
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                answer = metric(*((picture, reference) if self.compares else (picture,)))
            return torch.as_tensor(answer).mean()
        except Exception as error:  # sizes, mostly, which each metric checks in its own way
            told = " ".join(str(error).split())[:200]
            shape = tuple(picture.shape[-2:])
            raise LowfaceError(f"{self.title}: cannot measure pictures of {shape} ({told}); use larger ones") from error
