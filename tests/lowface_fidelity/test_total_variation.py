"""Total variation and colour constancy, by hand."""

from __future__ import annotations

import pytest
import torch

from lowface_fidelity.color_constancy import ColorConstancy
from lowface_fidelity.total_variation import TotalVariation


def test_steps_of_a_small_map() -> None:
    picture = torch.tensor([[0.0, 0.5], [0.2, 0.2]]).expand(2, 3, 2, 2)
    # pixels: 0.5 across + 0.2 down, 0.3 down, 0 across, none
    assert float(TotalVariation()(picture)) == pytest.approx((0.7 + 0.3) / 4)
    assert float(TotalVariation(squared=True)(picture)) == pytest.approx((0.49 + 0.09) / 4)
    assert float(TotalVariation()(torch.rand(1, 3, 1, 1))) == 0


def test_a_grey_picture_costs_nothing_and_a_coloured_one_its_pairs() -> None:
    picture = torch.stack([torch.full((4, 5), level) for level in (0.5, 0.2, 0.1)])[None]
    assert float(ColorConstancy()(picture)) == pytest.approx(0.3**2 + 0.4**2 + 0.1**2)
    assert float(ColorConstancy()(picture[:, :1].expand(-1, 3, -1, -1))) == 0
    assert float(ColorConstancy()(torch.cat([picture, torch.zeros_like(picture)]))) == pytest.approx(0.26 / 2)
