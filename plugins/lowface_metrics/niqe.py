"""Natural image quality evaluator."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lowface_core.errors import ConfigError, LowfaceError
from lowface_metrics.natural_scene import PATCH, features
from lowface_metrics.per_picture import PictureMean, at_least_single, check_pictures
from lowface_metrics.pristine import Grey, Pristine, to_grey

logger = logging.getLogger("lowface")


def niqe(picture: np.ndarray, pristine: Pristine, grey: str = "released") -> float:
    """Distance of a picture's natural-scene statistics from those of pristine pictures, equation (10) of the paper.

    Args:
        picture: (3,H,W), RGB in [0,1]; rounded to 8 bits.
        grey: see :func:`lowface_metrics.pristine.to_grey`.

    Returns:
        from 0 upwards, lower is better, natural pictures have about 2 to 6; NaN where fewer than two patches have
        any texture.

    Raises:
        LowfaceError: the picture has fewer than two patches of 96x96 pixels, which have no covariance.
    """
    rows, columns = picture.shape[1] // PATCH, picture.shape[2] // PATCH
    if rows * columns < 2:
        raise LowfaceError(
            f"niqe: a picture of {picture.shape[2]}x{picture.shape[1]} pixels is too small; "
            f"it compares patches of {PATCH}x{PATCH} pixels and needs two at least, {2 * PATCH}x{PATCH}"
        )
    found, _ = features(to_grey(picture, grey))
    whole = found[np.isfinite(found).all(1)]
    if len(whole) < 2:
        return float("nan")
    away = pristine.mean - np.nanmean(found, axis=0)
    spread = (pristine.covariance + np.cov(whole, rowvar=False)) / 2
    return float(np.sqrt(away @ np.linalg.pinv(spread) @ away))


class NIQE(PictureMean):
    """Mean over pictures of each picture's NIQE, see :func:`niqe`.

    Pictures without texture (black ones) have no NIQE; they are left out, and a warning counts them.

    Args:
        weights: the pristine model: ``"live2013"`` (the authors', in BasicSR's file), or a file, see
            :meth:`lowface_metrics.pristine.Pristine.read`; ``python -m lowface_metrics.fit_niqe`` makes one.
        variant: ``"released"`` (grey as in the authors' MATLAB code) or ``"y"`` (as in BasicSR). The attribute of this
            name then also has the pristine model: ``released:live2013-0a1b2c3d``.

    Raises:
        ConfigError: the model was made with the other variant.
        WeightsError: the file is not a pristine model.
    """

    name = "niqe"

    def __init__(self, weights: str | Path, variant: Grey = "released") -> None:
        self.pristine, self.grey = Pristine.read(weights), variant
        if self.pristine.grey not in (None, variant):
            raise ConfigError(
                f"niqe: {weights} was made with variant={self.pristine.grey!r}; use that, or make a model with "
                f"--variant {variant}"
            )
        self.variant = f"{variant}:{self.pristine.label}"
        super().__init__()

    def reset(self) -> None:
        super().reset()
        self._left_out = 0

    def update(self, image: Tensor) -> dict[str, Tensor]:
        """Takes in ``image`` (B,3,H,W), RGB in [0,1]; ``{"niqe": (B,)}``, each picture's NIQE, NaN without texture."""
        check_pictures(self.name, image=image)
        pictures = at_least_single(image).cpu().numpy()
        values = torch.tensor([niqe(p, self.pristine, self.grey) for p in pictures], dtype=torch.float64)
        measured = values[values.isfinite()]
        self._left_out += len(values) - len(measured)
        self.add(measured)
        return {self.name: values}

    def compute(self) -> float:
        """Mean over the pictures with texture; NaN where there were pictures and none had any.

        Raises:
            LowfaceError: there were no pictures.
        """
        if self._left_out:
            logger.warning("niqe: %d pictures without texture are left out of the mean", self._left_out)
        return super().compute() if self._count or not self._left_out else float("nan")

    def state(self) -> dict[str, Any]:
        return {**super().state(), "unjudged": self._left_out}

    def load_state(self, state: Any) -> None:
        super().load_state(state)
        self._left_out = int(state["unjudged"])
