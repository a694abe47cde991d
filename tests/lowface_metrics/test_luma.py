"""Grey values against the formulas' corner cases."""

from __future__ import annotations

import pytest
import torch

from lowface_core.data.luma import luma
from lowface_metrics.luma import borrow_mean, studio_luma


def test_range_of_both_forms() -> None:
    black, white = torch.zeros(1, 3, 1, 1, dtype=torch.float64), torch.ones(1, 3, 1, 1, dtype=torch.float64)
    assert [luma(black).item(), luma(white).item()] == pytest.approx([0, 1])
    assert [255 * studio_luma(black).item(), 255 * studio_luma(white).item()] == pytest.approx([16, 235])


def test_the_mean_is_borrowed_and_the_rest_kept() -> None:
    image = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 0.2
    normal = image.flip(0) * 3
    got = borrow_mean(image, normal)
    torch.testing.assert_close(luma(got).mean((1, 2, 3)), luma(normal).mean((1, 2, 3)))
    ratio = got / image
    torch.testing.assert_close(ratio, ratio[:, :1, :1, :1].expand_as(ratio))
    assert borrow_mean(image, torch.ones_like(image)).max() == 1
