"""Fréchet inception distance."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from lowface_metrics import INCEPTION
from lowface_metrics.frechet import Moments, frechet_distance
from lowface_metrics.frozen import frozen, marked
from lowface_metrics.inception import InceptionFeatures
from lowface_metrics.per_picture import check_count, check_pictures

logger = logging.getLogger("lowface")
Variant = Literal["inception_tf", "clean"]
VARIANTS = get_args(Variant)
#: Fewer pictures than Inception has features: the covariances are singular, and the distance is far too large.
ENOUGH = 2048
_warned: set[str] = set()
#: Weights and variant → the references last measured, their version, and their features.
_last: dict[tuple[str, str], tuple[weakref.ref[Tensor], int, Tensor]] = {}


class FrechetMetric:
    """Fréchet distance between the features of the enhanced pictures and those of their references.

    A subclass says what the features are. A number of the whole set; no picture has one of its own.
    """

    name = "fid"
    variant = ""
    unit = ""

    def __init__(self) -> None:
        self.reset()

    def features(self, image: Tensor) -> Tensor:
        """(B,3,H,W) in [0,1] → (B,D)."""
        raise NotImplementedError

    def reference_features(self, normal: Tensor) -> Tensor:
        """The same of the references, for which every stage of an evaluation asks."""
        return self.features(normal)

    def reset(self) -> None:
        """Forgets all pictures."""
        self._enhanced, self._reference = Moments(), Moments()

    @torch.no_grad()
    def update(self, image: Tensor, normal: Tensor) -> None:
        """Takes in ``image`` and ``normal`` of the reference set, (B,3,H,W) RGB in [0,1]; their sizes may differ."""
        check_pictures(self.name, image=image)
        check_pictures(self.name, normal=normal)  # may be of another size
        with torch.autocast(image.device.type, enabled=False):
            self._enhanced.add(self.features(image))
            self._reference.add(self.reference_features(normal))

    def compute(self) -> float:
        """The distance, from 0 upwards, lower is better. Below 2,048 pictures a warning is logged, once.

        Raises:
            LowfaceError: there were fewer than two pictures.
        """
        count = min(self._enhanced.count, self._reference.count)
        check_count(self.name, count)
        a, b = self._enhanced, self._reference
        distance = frechet_distance(a.mean, a.covariance, b.mean, b.covariance)
        if count < ENOUGH and self.name not in _warned:
            _warned.add(self.name)
            logger.warning(
                "%s: of %d pictures; below %d it is biased upwards: compare it only between sets of the same pictures",
                *(self.name, count, ENOUGH),
            )
        return distance

    def state(self) -> dict[str, Any]:
        """What :meth:`load_state` needs to go on from here."""
        return {"judged": self._enhanced.state(), "reference": self._reference.state()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from a :meth:`state`."""
        self._enhanced.load_state(state["judged"])
        self._reference.load_state(state["reference"])


class FID(FrechetMetric):
    """Fréchet distance between Inception features of the enhanced pictures and of the batch's ``normal`` pictures.

    The network is TensorFlow's Inception of 2015 as torch-fidelity and pytorch-fid converted it.

    * ``"inception_tf"``: torch-fidelity's own resize to 299x299, bilinear without antialiasing as in TensorFlow 1: the
      original's numbers (Heusel et al., NeurIPS 2017).
    * ``"clean"``: bicubic with antialiasing, not rounded (Parmar et al., CVPR 2022).

    Args:
        weights: ``"inception"``, or that file.
        variant: see above. The attribute of this name has a hash behind it where the file is not the published one.

    Raises:
        ConfigError: torch-fidelity is not installed.
        WeightsError: the file cannot be read or does not fit.
    """

    def __init__(self, weights: str | Path, variant: Variant = "inception_tf") -> None:
        super().__init__()
        self.resize = variant
        self.network = frozen("inception", (weights,), lambda: InceptionFeatures(weights))
        self.variant = marked(variant, [(weights, INCEPTION["inception"].sha256)])
        self._key = (str(weights), self.variant)

    def features(self, image: Tensor) -> Tensor:
        """2048 features of each picture."""
        return self.network.to(image.device)(image, self.resize)

    def reference_features(self, normal: Tensor) -> Tensor:
        """The same, from memory where this very tensor was the last one measured, by the stage before."""
        # inference tensors keep no version; they cannot be changed in place outside inference mode
        version = 0 if normal.is_inference() else normal._version
        known = _last.get(self._key)
        if known is not None and known[0]() is normal and known[1] == version:
            return known[2]
        found = self.features(normal)
        _last[self._key] = (weakref.ref(normal), version, found)
        return found
