"""The pictures with which methods are timed."""

from __future__ import annotations

import torch
from torch import Tensor

from lowface_benchmark.cost import PICTURES
from lowface_benchmark.plan import Plan
from lowface_core.config.build import build_from
from lowface_core.errors import DataError
from lowface_core.evaluation.run import without_cache


def samples(plan: Plan) -> list[Tensor]:
    """Low pictures (3,H,W) of the first data set, one more than are timed, all cut to the size of the smallest.

    Raises:
        DataError: the data set offers no pictures.
    """
    data = plan.datasets[0]
    path = f"datasets.{data.name}.dataset"
    dataset = build_from("dataset", without_cache(data.dataset), path)
    items = [dataset[index] for index in range(min(PICTURES + 1, len(dataset)))]
    pictures = [torch.from_numpy(item.get("low", item.get("normal"))) for item in items]
    if not pictures:
        raise DataError(f"{path}: holds no pictures")
    height, width = (min(picture.shape[axis] for picture in pictures) for axis in (1, 2))
    return [picture[:, :height, :width].contiguous() for picture in pictures]
