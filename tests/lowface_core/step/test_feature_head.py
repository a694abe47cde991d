from __future__ import annotations

import pytest
import torch
from torch import Tensor

from lowface_core.errors import LowfaceError
from lowface_core.step.feature_head import FeatureHead


class Ladder(FeatureHead):
    layers = ("one", "two", "three")

    def prepare(self, image: Tensor) -> Tensor:
        return image * 0

    def climb(self, rung: int, x: Tensor) -> Tensor:
        return x * 10 + rung + 1


def test_forward_climbs_from_the_picture_to_the_layer():
    picture = torch.rand(1, 3, 2, 2)
    assert float(Ladder()(picture, "one").unique()) == 1
    assert float(Ladder()(picture, "three").unique()) == 123


def test_an_unknown_layer_is_told_with_nearest_and_all():
    with pytest.raises(LowfaceError) as raised:
        Ladder().rung("tree")
    assert str(raised.value) == "Ladder has no layer 'tree'; did you mean 'three'?; layers: one, three, two"
