"""lowface: low-light image enhancers trained through frozen task heads.

The stable surface for users and plugin authors is what ``__all__`` lists; everything is imported on first use, so that
``import lowface_core`` stays quick and free of torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from lowface_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from lowface_core.components import build
    from lowface_core.data.dataset import Dataset
    from lowface_core.errors import LowfaceError
    from lowface_core.heads.features import FeatureHead
    from lowface_core.inference import enhance, load_enhancer

__version__ = "0.1.0"
__all__ = ["Dataset", "FeatureHead", "LowfaceError", "__version__", "build", "enhance", "hookimpl", "load_enhancer"]

_HOMES = {
    "Dataset": "lowface_core.data.dataset",
    "FeatureHead": "lowface_core.heads.features",
    "LowfaceError": "lowface_core.errors",
    "build": "lowface_core.components",
    "enhance": "lowface_core.inference",
    "load_enhancer": "lowface_core.inference",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lowface_core' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
