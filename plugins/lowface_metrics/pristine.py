"""NIQE's model of pristine pictures: mean and covariance of the features of their sharp patches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from lowface_core.data.luma import MATLAB_GREY, STUDIO_BLACK, STUDIO_RANGE, luma
from lowface_core.errors import ConfigError, DataError, WeightsError
from lowface_core.files import write_whole
from lowface_metrics.natural_scene import FEATURES, PATCH, features
from lowface_metrics.per_picture import check_variant

#: Share of the sharpest patch's sharpness that a patch of a pristine picture needs, as in the released MATLAB code.
SHARP = 0.75
#: How pictures become grey, see :func:`to_grey`.
Grey = Literal["released", "y"]
GREYS = get_args(Grey)
#: Names of mean and covariance: in a file of :meth:`Pristine.write`, in BasicSR's, in the authors' ``.mat``.
LAYOUTS = (("mean", "covariance"), ("mu_pris_param", "cov_pris_param"), ("mu_prisparam", "cov_prisparam"))
AUTHORS = "live2013"


@dataclass(frozen=True)
class Pristine:
    """A multivariate Gaussian of the 36 features of pristine patches.

    Attributes:
        mean: (36,).
        covariance: (36,36).
        name: what its maker called it; the authors' model is ``live2013`` whatever its file.
        grey: how its pictures became grey; None where any way is accepted (the authors' model is used with both).
    """

    mean: np.ndarray
    covariance: np.ndarray
    name: str
    grey: str | None = None

    @property
    def label(self) -> str:
        """Name and first digits of a hash of the numbers: two models that differ never share it."""
        text = " ".join(f"{value:.5e}" for value in (*self.mean, *self.covariance.flat))
        return f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    @classmethod
    def fit(cls, pictures: Iterable[np.ndarray], name: str, grey: str = "released") -> Pristine:
        """A model of pictures that are free of noise, blur and compression, from their sharp patches.

        Args:
            pictures: (3,H,W), RGB in [0,1]; those below 96x96 pixels have no patch. The authors used 125.

        Raises:
            DataError: the pictures have too few patches for a covariance of 36 features.
        """
        kept = []
        for picture in pictures:
            found, sharpness = features(to_grey(picture, grey))
            if len(found):
                kept.append(found[sharpness > SHARP * sharpness.max()])
        every = np.concatenate(kept) if kept else np.zeros((0, FEATURES))
        whole = every[np.isfinite(every).all(1)]
        if len(whole) <= FEATURES:
            raise DataError(
                f"niqe: the pristine pictures have {len(whole)} sharp patches of {PATCH}x{PATCH} pixels; "
                f"more than {FEATURES} are needed, some hundreds are better: give more or larger pictures"
            )
        return cls(np.nanmean(every, axis=0), np.cov(whole, rowvar=False), name, grey)

    def write(self, path: Path) -> None:
        """Writes the model as ``.npz``, whole or not at all.

        Raises:
            LowfaceError: the folder cannot be written; ConfigError: the file's name does not end in ``.npz``.
        """
        if path.suffix != ".npz":
            raise ConfigError(f"{path}: a pristine model's file name must end in .npz")
        held: dict[str, Any] = {"mean": self.mean, "covariance": self.covariance, "name": self.name}
        write_whole(path, lambda part: np.savez(part, **held, grey=self.grey or ""))

    @classmethod
    def read(cls, path: str | Path) -> Pristine:
        """The model in a file of :meth:`write`, in BasicSR's ``niqe_pris_params.npz`` or in the authors' ``.mat``.

        Raises:
            WeightsError: the file is missing, unreadable or no such model.
        """
        path = Path(path).expanduser()
        held = _arrays(path)
        names = next((names for names in LAYOUTS if all(name in held for name in names)), None)
        if names is None:
            raise WeightsError(f"{path}: is not a pristine model of NIQE; it holds {sorted(held)[:5]}")
        mean, covariance = (np.asarray(held[name], np.float64) for name in names)
        mean = mean.ravel()
        fits = mean.shape == (FEATURES,) and covariance.shape == (FEATURES, FEATURES)
        if not fits or not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
            raise WeightsError(
                f"{path}: a pristine model is {FEATURES} means and {FEATURES}x{FEATURES} covariances, all finite; "
                f"this file holds {mean.shape} and {covariance.shape}"
            )
        own = names == LAYOUTS[0]
        name, grey = (str(held[key]) if own and key in held else "" for key in ("name", "grey"))
        return cls(mean, covariance, name or (path.stem if own else AUTHORS), grey or None)


def to_grey(picture: np.ndarray, grey: str) -> np.ndarray:
    """Grey values 0…255, rounded, of a picture rounded to 8 bits: (3,H,W) in [0,1] → (H,W).

    Args:
        grey: ``"released"``: MATLAB's ``rgb2gray``, as the authors' code; ``"y"``: Y of YCbCr at studio range, as
            BasicSR's, from which most tables of restoration papers come.

    Raises:
        ConfigError: another.
    """
    check_variant("niqe", grey, GREYS)
    levels = np.rint(np.clip(picture.astype(np.float64), 0, 1) * 255)
    if grey == "y":
        return np.rint(luma(levels, STUDIO_RANGE)[0] / 255 + STUDIO_BLACK)
    return np.rint(luma(levels, MATLAB_GREY)[0])


def _arrays(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise WeightsError(f"{path}: no such weights file")
    try:
        if path.suffix == ".mat":
            from scipy.io import loadmat

            return {key: value for key, value in loadmat(path).items() if not key.startswith("__")}
        with np.load(path, allow_pickle=False) as held:
            return dict(held) if hasattr(held, "files") else {}
    except Exception as error:  # zip, numpy and scipy each raise types of their own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WeightsError(f"{path}: cannot be read as a pristine model of NIQE ({reason})") from error
