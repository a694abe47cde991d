"""Measuring: metrics per stage over a data set or over folders of pictures, results on disk, their comparison.

Everything is imported on first use, so that importing the package stays quick and free of torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lowface_core.evaluation.results import check_comparable, read_evaluation, read_result
    from lowface_core.evaluation.run import evaluate_config, evaluate_folders
    from lowface_core.evaluation.setup import resolve

__all__ = ["check_comparable", "evaluate_config", "evaluate_folders", "read_evaluation", "read_result", "resolve"]

_HOMES = {
    "check_comparable": "results",
    "read_evaluation": "results",
    "read_result": "results",
    "evaluate_config": "run",
    "evaluate_folders": "run",
    "resolve": "setup",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lowface_core.evaluation' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"lowface_core.evaluation.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
