import math

import pytest
import torch

from lowface_face.margin import with_margin


def test_only_the_target_changes():
    cosine = torch.tensor([[0.5, 0.2], [0.1, -0.3]])
    out = with_margin(cosine, torch.tensor([0, 1]), 0.2, "cosface")
    torch.testing.assert_close(out, torch.tensor([[0.3, 0.2], [0.1, -0.5]]))
    assert with_margin(cosine, torch.tensor([0, 1]), 0.0) is cosine


def test_arcface_adds_to_the_angle():
    angle = torch.tensor([[0.3, 1.0]])
    out = with_margin(angle.cos(), torch.tensor([0]), 0.5, "arcface")
    assert float(out[0, 0]) == pytest.approx(math.cos(0.8), abs=1e-6)


def test_arcface_falls_all_the_way_with_a_finite_slope():
    cosine = torch.linspace(-1, 1, 201)[:, None].requires_grad_()
    out = with_margin(cosine, torch.zeros(201, dtype=torch.int64), 0.5, "arcface")
    assert (out.diff(dim=0) > 0).all()
    out.sum().backward()
    assert cosine.grad.isfinite().all()
