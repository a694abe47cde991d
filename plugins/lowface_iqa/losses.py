"""The losses ``torchmetrics`` and ``pyiqa``: a measure of quality to be trained with, where it carries gradients."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from lowface_core.errors import ConfigError
from lowface_iqa.judge import Judge
from lowface_iqa.pyiqa_judge import PyiqaJudge
from lowface_iqa.torchmetrics_judge import TorchmetricsJudge


class AloneLoss(nn.Module):
    """Mean over pictures of a measure that needs no reference; its negative where higher is better."""

    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self.judge = judge

    def forward(self, enhanced: Tensor) -> Tensor:
        """``enhanced`` (B,3,H,W) in [0,1] → scalar.

        Raises:
            ConfigError: no gradient comes back through the measure.
        """
        return self._toll(enhanced, self.judge(enhanced))

    def _toll(self, enhanced: Tensor, scores: Tensor) -> Tensor:
        if enhanced.requires_grad and not scores.requires_grad:
            raise ConfigError(f"name: {self.judge.title} carries no gradient; use it as a metric")
        return -scores.mean() if self.judge.higher else scores.mean()


class ComparedLoss(AloneLoss):
    """Mean over pictures of a measure against ``normal``; its negative where higher is better."""

    def forward(self, enhanced: Tensor, normal: Tensor) -> Tensor:  # type: ignore[override]  # names are inputs
        """``enhanced`` and ``normal`` (B,3,H,W) in [0,1] → scalar.

        Raises:
            ConfigError: no gradient comes back through the measure.
        """
        return self._toll(enhanced, self.judge(enhanced, normal))


def _loss(judge: Judge) -> AloneLoss:
    return (ComparedLoss if judge.compares else AloneLoss)(judge)


def torchmetrics(name: str, options: dict[str, Any] | None = None) -> AloneLoss:
    """An image metric of torchmetrics as a loss; needs ``pip install "lowface[torchmetrics]"``.

    Args:
        name: class of ``torchmetrics.image``; ``"structural_similarity_index_measure"``, …
        options: its keywords.

    Raises:
        PluginError: torchmetrics is not installed.
        ConfigError: there is no such metric, or it does not take these keywords.
    """
    return _loss(TorchmetricsJudge(name, options))


def pyiqa(name: str, options: dict[str, Any] | None = None) -> AloneLoss:
    """A metric of pyiqa as a loss; needs ``pip install "lowface[pyiqa]"``. **Not for commercial use.**

    Args:
        name: as ``pyiqa.list_models()`` has it.
        options: further keywords of ``pyiqa.create_metric``.

    Raises:
        PluginError: pyiqa is not installed.
        ConfigError: there is no such metric, or it cannot be built.
    """
    return _loss(PyiqaJudge(name, options, as_loss=True))
