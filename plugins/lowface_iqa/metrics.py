"""The metrics ``torchmetrics`` and ``pyiqa``: a mean over pictures of what the library says of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lowface_iqa.judge import Judge
from lowface_iqa.pyiqa_judge import PyiqaJudge
from lowface_iqa.torchmetrics_judge import TorchmetricsJudge
from lowface_metrics.per_picture import PictureMean, at_least_single, check_pictures


class Alone(PictureMean):
    """Mean over pictures of a measure that needs no reference.

    Args:
        judge: the measure.
        library: the metric's name in lowface.

    Attributes:
        better: ``"higher"`` or ``"lower"``, as the measure itself says.
    """

    def __init__(self, judge: Judge, library: str, options: Mapping[str, Any] | None) -> None:
        super().__init__()
        self.judge, self.name = judge, library
        self.better = "higher" if judge.higher else "lower"
        told = "".join(f", {key}={value!r}" for key, value in sorted((options or {}).items()))
        self.variant = f"{judge.title.split(' ', 1)[1]}{told}"

    @torch.no_grad()
    def update(self, image: Tensor) -> dict[str, Tensor]:
        """Takes in ``image`` (B,3,H,W) RGB in [0,1]; ``{name: (B,)}``, each picture's number."""
        check_pictures(self.name, image=image)
        return self.add(self.judge(at_least_single(image)))


class Compared(Alone):
    """Mean over pictures of a measure against the reference ``normal``."""

    @torch.no_grad()
    def update(self, image: Tensor, normal: Tensor) -> dict[str, Tensor]:  # type: ignore[override]  # names are inputs
        """Takes in ``image`` and ``normal``, (B,3,H,W) RGB in [0,1]; ``{name: (B,)}``, each picture's number."""
        check_pictures(self.name, image=image, normal=normal)
        return self.add(self.judge(at_least_single(image), at_least_single(normal)))


def _metric(judge: Judge, library: str, options: Mapping[str, Any] | None) -> Alone:
    return (Compared if judge.compares else Alone)(judge, library, options)


def torchmetrics(name: str, options: dict[str, Any] | None = None) -> Alone:
    """Mean over pictures of an image metric of torchmetrics; needs ``pip install "lowface[torchmetrics]"``.

    Args:
        name: class of ``torchmetrics.image``, as it is or in lower case with underscores:
            ``"visual_information_fidelity"``, ``"universal_image_quality_index"``, ``"total_variation"``, …
        options: its keywords, e.g. ``dict(kernel_size=7)``.

    Raises:
        PluginError: torchmetrics is not installed.
        ConfigError: there is no such metric, or it does not take these keywords.
    """
    return _metric(TorchmetricsJudge(name, options), "torchmetrics", options)


def pyiqa(name: str, options: dict[str, Any] | None = None) -> Alone:
    """Mean over pictures of a metric of pyiqa; needs ``pip install "lowface[pyiqa]"``. **Not for commercial use.**

    Args:
        name: as ``pyiqa.list_models()`` has it: ``"musiq"``, ``"niqe"``, ``"topiq_nr"``, ``"dists"``, …
        options: further keywords of ``pyiqa.create_metric``, such as ``dict(pretrained_model_path=FILE)``.

    Raises:
        PluginError: pyiqa is not installed.
        ConfigError: there is no such metric, or it cannot be built.
    """
    return _metric(PyiqaJudge(name, options), "pyiqa", options)
