"""What a method costs."""

from __future__ import annotations

import torch

from lowface_benchmark.cost import cost
from lowface_benchmark.plan import Method


def test_a_method_without_a_network_has_no_parameters_and_no_operations() -> None:
    """LIME solves a linear system, whose algebra torch counts: comparable with no network's."""
    pictures = [torch.rand(3, 48, 40, generator=torch.Generator().manual_seed(k)) * 0.3 for k in range(2)]
    found = cost(Method("lime", {"type": "lime"}), pictures)
    assert (found["parameters"], found["flops"]) == (None, None)
    assert found["seconds"] > 0
