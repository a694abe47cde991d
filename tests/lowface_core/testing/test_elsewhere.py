"""The pretended device computes what the processor computes, and notices what would fail on a GPU."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor, nn

from lowface_core.testing.elsewhere import META, Elsewhere, ElsewhereError, pretended, sent


def test_a_network_computes_and_learns_there_as_here() -> None:
    torch.manual_seed(0)
    here = torchvision.models.resnet18(weights=None)
    there = torchvision.models.resnet18(weights=None)
    there.load_state_dict(here.state_dict())
    picture = torch.rand(2, 3, 40, 40)
    here(picture).square().sum().backward()
    with pretended():
        sent(there)
        value = there(sent(picture)).square().sum()
        value.backward()
        assert value.device == META
        torch.testing.assert_close(there.conv1.weight.grad.held, here.conv1.weight.grad)
        torch.testing.assert_close(there.bn1.running_mean.held, here.bn1.running_mean)


def test_tensors_made_for_the_device_are_there_with_their_numbers() -> None:
    with pretended():
        x = sent(torch.rand(2, 3))
        for made in (
            x.new_tensor([1.0, 2.0, 3.0]),
            torch.tensor([1.0, 2.0, 3.0], device=x.device),
            torch.as_tensor([1.0, 2.0, 3.0], device=x.device),
            torch.arange(1.0, 4.0, device=x.device),
            torch.linspace(1, 3, 3).to(x.device),
            torch.linspace(1, 3, 3).to(x),
        ):
            assert isinstance(made, Elsewhere)
            assert (x * made).sum(0).cpu().shape == (3,)
            assert made.tolist() == [1.0, 2.0, 3.0]
        assert float(x[0, 0]) == float(x.held[0, 0])
        assert bool((x >= 0).all())


def test_indices_and_single_numbers_may_stay_on_the_processor() -> None:
    with pretended():
        x = sent(torch.rand(4, 3))
        assert x[torch.tensor([2, 0])].shape == (2, 3)
        assert x[torch.tensor([True, False, True, False])].shape == (2, 3)
        assert (x * torch.tensor(2.0)).device == META
        x[0] = 0.0
        x[1] = torch.ones(3)  # copying crosses devices
        assert x[0].tolist() == [0, 0, 0]
        assert x[1].tolist() == [1, 1, 1]


def test_autocast_and_comings_and_goings() -> None:
    with pretended():
        x = sent(torch.rand(2, 3, 8, 8)).requires_grad_()
        with torch.autocast(x.device.type, enabled=False):
            F.interpolate(x, size=(5, 5), mode="bilinear", antialias=True).sum().backward()
        assert x.grad.shape == x.shape
        assert type(x.detach().cpu()) is Tensor
        assert x.detach().cpu().numpy().shape == (2, 3, 8, 8)
    with pytest.raises(RuntimeError):  # outside nothing has changed
        torch.autocast("meta")


@pytest.mark.parametrize(
    "mixing",
    [
        lambda x: x * torch.ones(3),
        lambda x: x + torch.zeros(2, 1),
        lambda x: torch.cat([x, torch.zeros(1, 3)]),
        lambda x: F.linear(x, torch.ones(4, 3)),
        lambda x: nn.Linear(3, 2)(x),
        lambda x: x.detach().numpy(),
        lambda x: x[torch.arange(2), torch.arange(2)] * torch.ones(2),
    ],
)
def test_tensors_of_two_devices_do_not_meet(mixing) -> None:
    with pretended(), pytest.raises(ElsewhereError, match="on the device in use"):
        mixing(sent(torch.rand(2, 3)))
