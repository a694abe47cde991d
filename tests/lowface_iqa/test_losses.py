"""Measures as losses: lower is better, with gradients that agree with finite differences."""

from __future__ import annotations

import pytest
import torch

import lowface_core as lf


@pytest.mark.parametrize(
    "name", ["structural_similarity_index_measure", "total_variation", "universal_image_quality_index"]
)
def test_descending_makes_the_measure_better(name: str) -> None:
    pytest.importorskip("torchmetrics", reason='needs pip install "lowface[torchmetrics]"')
    generator = torch.Generator().manual_seed(0)
    normal = torch.rand(2, 3, 32, 32, generator=generator) * 0.8 + 0.1
    enhanced = (normal + 0.05 * torch.randn(normal.shape, generator=generator)).requires_grad_()
    loss, metric = lf.build("loss", "torchmetrics", name=name), lf.build("metric", "torchmetrics", name=name)
    given = (normal,) if metric.judge.compares else ()
    value = loss(enhanced, *given)
    scores = metric.update(enhanced, *given)["torchmetrics"]
    assert float(value) == pytest.approx((-1 if metric.better == "higher" else 1) * float(scores.mean()), rel=1e-4)
    (gradient,) = torch.autograd.grad(value, enhanced)
    with torch.no_grad():
        after = loss(enhanced - 1e-3 * gradient / gradient.abs().max(), *given)
    assert float(after) < float(value)
