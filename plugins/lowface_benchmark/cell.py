"""A cell of the table: a method on a data set, measured by the commands' own pipeline into a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from lowface_benchmark.plan import UNTOUCHED, DataSet, Method, Plan, cell_folder
from lowface_core.config.build import build_from
from lowface_core.evaluation.image_quality import ImageQuality
from lowface_core.evaluation.measurement import Measurement, measure
from lowface_core.evaluation.run import narrowed, without_cache
from lowface_core.inference import ResolvedEnhancer, resolve_enhancer

SECTION = "test_dataset"


class Untouched(nn.Module):
    """Gives the picture back: the row "no processing" of an evaluation, which measures the low picture itself."""

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """(B,3,H,W) → ``enhanced``, the same."""
        return {"enhanced": low}


def measurement(plan: Plan, data: DataSet, method: Method | None, root: Path) -> Measurement:
    """What measures a method on a data set; None: the pictures as they are, and their references.

    A method's evaluation measures its pictures alone; what all methods share, low and normal, None measures once.

    Args:
        root: folder of the benchmark.

    Raises:
        LowfaceError: what data set, metrics, recogniser or enhancer raise.
    """
    if data.measured != "metrics":
        from lowface_benchmark.recognition import recognition

        return recognition(data, method, plan.settings, root / "embeddings")
    parts = {"metrics": data.options, "heads": data.heads, SECTION: data.dataset}
    cfg = narrowed({**plan.settings, **parts}, SECTION, False)
    dataset = build_from("dataset", without_cache(data.dataset), f"datasets.{data.name}.dataset")
    request: dict[str, Any] = {"dataset": data.dataset}
    if method is None:
        return ImageQuality(UNTOUCHED, cfg, SECTION, dataset, Untouched(), request, ("low", "normal"))
    enhancer = enhancer_of(method, plan.settings["device"])
    request["enhancer"] = enhancer.identity
    return ImageQuality(method.name, cfg, SECTION, dataset, enhancer.network, request, ("enhanced",))


def enhancer_of(method: Method, device: str) -> ResolvedEnhancer:
    """The method's network.

    Raises:
        LowfaceError: it cannot be built, or its checkpoint does not fit.
    """
    if method.checkpoint is not None:
        return resolve_enhancer(method.checkpoint, method.enhancer, device)
    keywords = {key: value for key, value in method.enhancer.items() if key != "type"}
    return resolve_enhancer(method.enhancer["type"], keywords, device)


def fill(plan: Plan, data: DataSet, method: Method | None, root: Path, overwrite: bool = False) -> None:
    """Measures a cell, goes on with it, or leaves it as it is where it is done.

    Raises:
        LowfaceError: see :func:`measurement` and :func:`lowface_core.evaluation.measurement.measure`.
    """
    folder = cell_folder(root, data.name, UNTOUCHED if method is None else method.name)
    measure(measurement(plan, data, method, root), folder, overwrite)
