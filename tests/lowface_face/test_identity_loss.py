import math

import pytest
import torch

from lowface_core.errors import ConfigError, LowfaceError
from lowface_face.face import FaceMatch
from lowface_face.identity_loss import IdentityLoss

COSINES = torch.tensor([[0.8, 0.1, -0.2], [0.0, 0.0, 0.0], [0.3, 0.4, 0.5]])
IDENTITY = torch.tensor([7, 5, 9])


def face_of(found, cosines=COSINES):
    """A face head whose columns show identities 7, 9, 5."""
    found = torch.tensor(found)

    def face(image):
        return FaceMatch(torch.zeros(3, 4), found, torch.zeros(3, 5, 2), cosines, torch.tensor([7, 9, 5]))

    return face


def entropy(row, target, scale):
    values = [math.exp(scale * value) for value in row]
    return -math.log(values[target] / sum(values))


def test_mean_over_the_pictures_found():
    loss = IdentityLoss(scale=10)
    got = loss(torch.rand(3, 3, 8, 8), IDENTITY, face_of([True, False, True]))
    want = (entropy([0.8, 0.1, -0.2], 0, 10) + entropy([0.3, 0.4, 0.5], 1, 10)) / 2
    assert float(got) == pytest.approx(want, rel=1e-5)
    assert loss.logged["undetected"] == pytest.approx(1 / 3)


def test_released_form_counts_undetected_with_zero_logits():
    got = IdentityLoss(form="released")(torch.rand(3, 3, 8, 8), IDENTITY, face_of([True, False, True]))
    want = (entropy([0.8, 0.1, -0.2], 0, 1) + math.log(3) + entropy([0.3, 0.4, 0.5], 1, 1)) / 3
    assert float(got) == pytest.approx(want, rel=1e-5)


def test_no_face_found_is_zero_with_a_graph():
    enhanced = torch.rand(3, 3, 8, 8, requires_grad=True)
    loss = IdentityLoss()
    value = loss(enhanced, IDENTITY, face_of([False] * 3))
    value.backward()
    assert float(value.detach()) == 0
    assert enhanced.grad.abs().max() == 0
    assert loss.logged == {"undetected": 1.0}
    released = IdentityLoss(form="released")(enhanced, IDENTITY, face_of([False] * 3, torch.zeros(3, 3)))
    released.backward()
    assert float(released.detach()) == pytest.approx(math.log(3))


def test_margin_makes_it_harder():
    args = (torch.rand(3, 3, 8, 8), IDENTITY, face_of([True] * 3))
    plain = IdentityLoss()(*args)
    for kind in ("cosface", "arcface"):
        assert IdentityLoss(margin=0.2, margin_type=kind)(*args) > plain + 1


@pytest.mark.parametrize(
    "arguments", [{"form": "released"}, {}, {"margin": 0.3}, {"margin": 0.3, "margin_type": "arcface"}]
)
def test_gradcheck(arguments):
    torch.manual_seed(0)
    cosines = (torch.rand(3, 3, dtype=torch.float64) - 0.5).requires_grad_()
    loss = IdentityLoss(**arguments)

    def of(values):
        return loss(torch.zeros(3, 3, 8, 8), IDENTITY, face_of([True, False, True], values))

    assert torch.autograd.gradcheck(of, (cosines,))
    if arguments.get("form") != "released":  # a picture without a face gets no gradient
        of(cosines).backward()
        assert (cosines.grad.abs().sum(1) > 0).tolist() == [True, False, True]


def test_default_scale_can_be_sure_among_ten_thousand():
    perfect = torch.zeros(1, 10_000)
    perfect[0, 0] = 1
    assert float(torch.softmax(perfect * IdentityLoss().scale, 1)[0, 0]) > 0.998


def test_an_identity_without_gallery_picture_is_named():
    with pytest.raises(LowfaceError, match="no picture of identity 4"):
        IdentityLoss()(torch.rand(3, 3, 8, 8), torch.tensor([7, 4, 9]), face_of([True] * 3))


def test_no_gallery():
    with pytest.raises(LowfaceError, match="has no gallery"):
        IdentityLoss()(
            torch.rand(1, 3, 8, 8),
            torch.tensor([0]),
            lambda image: FaceMatch(torch.zeros(1, 4), torch.ones(1, dtype=torch.bool), torch.zeros(1, 5, 2)),
        )


@pytest.mark.parametrize("arguments", [{"scale": 16}, {"margin": 0.1}])
def test_the_released_form_has_no_settings(arguments):
    with pytest.raises(ConfigError, match="has scale 1 and no margin"):
        IdentityLoss(form="released", **arguments)
