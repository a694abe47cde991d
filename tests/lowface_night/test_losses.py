from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import lowface_core as lf
from lowface_core.testing.fakes import FakeFeatures
from lowface_night.charbonnier import CharbonnierLoss
from lowface_night.embedding import EmbeddingLoss
from lowface_night.feature_distance import FeatureDistanceLoss


def test_charbonnier_is_a_square_near_zero_and_a_straight_line_far_away():
    zero = torch.zeros(1, 3, 2, 2)
    loss = CharbonnierLoss(eps=0.01)
    assert float(loss(zero + 1e-4, zero)) == pytest.approx(1e-8 / 0.02, rel=1e-2)
    assert float(loss(zero + 0.5, zero)) == pytest.approx(0.5 - 0.01, rel=1e-3)
    assert float(loss(zero, zero)) == 0


def test_detail_leaves_brightness_and_colour_out():
    torch.manual_seed(0)
    normal, noise = torch.rand(1, 3, 37, 41), 0.1 * torch.randn(1, 3, 37, 41)
    loss = CharbonnierLoss(detail=8)
    assert float(loss(normal + torch.tensor([0.3, 0.1, -0.2]).view(1, 3, 1, 1), normal)) < 1e-6
    assert float(loss(normal + noise + 0.3, normal)) == pytest.approx(float(loss(normal + noise, normal)), rel=1e-4)
    assert float(loss(normal + noise, normal)) == pytest.approx(0.08, rel=0.1)  # the mean size of such noise


def test_feature_distance_is_the_mean_of_its_layers():
    features = FakeFeatures().eval().requires_grad_(False)
    one, two = torch.rand(2, 3, 16, 16), torch.rand(2, 3, 16, 16)
    layers = ("relu1_2", "relu3_3")
    by_hand = sum(float((features(one, layer) - features(two, layer)).abs().mean()) for layer in layers) / 2
    assert float(FeatureDistanceLoss(layers)(one, two, features)) == pytest.approx(by_hand, rel=1e-5)
    with pytest.raises(lf.LowfaceError, match=r"relu3_3"):
        FeatureDistanceLoss(("relu3_4",))(one, two, features)


def _angles(degrees: list[float], lost: int | None = None) -> Any:
    """A face head whose embeddings are unit vectors at angles, by the picture's first value in degrees / 360."""

    def face(image: Tensor) -> Any:
        angle = image[:, 0, 0, 0] * 2 * torch.pi
        found = torch.ones(len(image), dtype=torch.bool)
        if lost is not None:
            found[lost] = False
        return SimpleNamespace(embedding=torch.stack([angle.cos(), angle.sin()], 1), found=found)

    return face


def _pictures(degrees: list[float]) -> Tensor:
    return (torch.tensor(degrees) / 360).view(-1, 1, 1, 1).expand(-1, 3, 2, 2).clone()


def _cos(degrees: float) -> float:
    return float(torch.tensor(degrees).deg2rad().cos())


def test_pull_is_one_minus_the_cosine_of_the_faces_found():
    enhanced, normal = _pictures([30, 200]), _pictures([0, 90])
    loss = EmbeddingLoss()
    assert float(loss(enhanced, normal, _angles([]))) == pytest.approx(1 - (_cos(30) + _cos(110)) / 2, abs=1e-5)
    assert float(loss(enhanced, normal, _angles([], lost=1))) == pytest.approx(1 - _cos(30), abs=1e-5)
    assert float(loss.logged["cosine"]) == pytest.approx(_cos(30), abs=1e-5)


def test_infonce_is_the_cross_entropy_of_the_own_face_among_the_others():
    enhanced, normal, face = _pictures([10, 100]), _pictures([0, 90]), _angles([])
    # three others at the place of the one there is
    rows = torch.tensor([[_cos(10), *3 * [_cos(80)]], [_cos(10), *3 * [_cos(100)]]])
    by_hand = F.cross_entropy(rows / 0.2, torch.tensor([0, 0]))
    loss = EmbeddingLoss("infonce", temperature=0.2, negatives=3)
    assert float(loss(enhanced, normal, face)) == pytest.approx(float(by_hand), abs=1e-5)
    # two pictures of one person are no negatives of each other
    assert float(loss(enhanced, normal, face, identity=torch.tensor([4, 4]))) == pytest.approx(0, abs=1e-6)


def test_triplet_takes_the_nearest_of_the_others():
    enhanced, normal, face = _pictures([10, 50, 200]), _pictures([0, 60, 180]), _angles([])
    nearest = [_cos(50), _cos(50), _cos(140)]
    own = [_cos(10), _cos(10), _cos(20)]
    by_hand = sum(max(0.0, n - o + 0.5) for n, o in zip(nearest, own, strict=True)) / 3
    assert float(EmbeddingLoss("triplet", margin=0.5)(enhanced, normal, face)) == pytest.approx(by_hand, abs=1e-5)


def test_a_queue_keeps_the_latest_faces_as_further_negatives():
    loss, face = EmbeddingLoss("triplet", margin=0.0, queue=2).train(), _angles([])
    ids = torch.tensor([0, 1, 2])
    loss(_pictures([0, 120, 240]), _pictures([0, 120, 240]), face, ids)
    assert loss.kept_identity.tolist() == [0, 1]
    # person 1 of the queue stands at 120 degrees, nearer than the own face; person 5 alone has no other negative
    value = loss(_pictures([110]), _pictures([170]), face, torch.tensor([5]))
    assert float(value) == pytest.approx(_cos(10) - _cos(60), abs=1e-5)
    assert loss.kept_identity.tolist() == [5, 0]
    before = loss.kept.clone()
    loss.eval()(_pictures([1]), _pictures([2]), face, torch.tensor([7]))
    assert torch.equal(loss.kept, before)


@pytest.mark.parametrize("form", ["pull", "infonce", "triplet"])
def test_no_face_at_all_costs_nothing_and_stops_nothing(form: Any):
    enhanced = _pictures([10]).requires_grad_()
    value = EmbeddingLoss(form)(enhanced, _pictures([20]), _angles([], lost=0))
    value.backward()
    assert float(value.detach()) == 0
