"""lowface: low-light image enhancers trained through frozen task heads.

The stable surface for users and plugin authors is what ``__all__`` lists; everything is imported on first use, so that
``import lowface_core`` stays quick and free of torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowface_core.lazy import on_first_use
from lowface_core.registry.hookspecs import Register, Weights, hookimpl

if TYPE_CHECKING:
    from lowface_core.config.build import build
    from lowface_core.data.dataset import Dataset
    from lowface_core.errors import LowfaceError
    from lowface_core.inference import enhance, load_enhancer
    from lowface_core.step.feature_head import FeatureHead
    from lowface_core.train.criterion import Criterion

__version__ = "0.1.0"
__all__ = [
    "Criterion",
    "Dataset",
    "FeatureHead",
    "LowfaceError",
    "Register",
    "Weights",
    "__version__",
    "build",
    "enhance",
    "hookimpl",
    "load_enhancer",
]

_HOMES = {
    "Criterion": "train.criterion",
    "Dataset": "data.dataset",
    "FeatureHead": "step.feature_head",
    "LowfaceError": "errors",
    "build": "config.build",
    "enhance": "inference",
    "load_enhancer": "inference",
}

__getattr__ = on_first_use(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
