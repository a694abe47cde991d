"""Measuring: metrics per stage over a data set or over folders of pictures, results on disk, their comparison.

Everything is imported on first use, so that importing the package stays quick and free of torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowface_core.lazy import on_first_use

if TYPE_CHECKING:
    from lowface_core.evaluation.run import evaluate_config, evaluate_folders, resolve
    from lowface_core.runs.results import check_comparable, read_evaluation, read_result

__all__ = ["check_comparable", "evaluate_config", "evaluate_folders", "read_evaluation", "read_result", "resolve"]

_HOMES = {
    "check_comparable": ".runs.results",
    "read_evaluation": ".runs.results",
    "read_result": ".runs.results",
    "evaluate_config": "run",
    "evaluate_folders": "run",
    "resolve": "run",
}

__getattr__ = on_first_use(__name__, _HOMES)
