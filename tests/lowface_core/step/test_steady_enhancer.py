from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lowface_core.errors import PluginError
from lowface_core.step.loaded_enhancer import LoadedEnhancer
from lowface_core.step.steady_enhancer import CUT, SteadyEnhancer, difference, smoothed


class Mean(nn.Module):
    """Scales the mean of the whole picture to 0.5."""

    receptive_radius = 0

    def context(self, picture: Tensor) -> dict[str, Tensor]:
        return {"gain": 0.5 / picture.mean((1, 2, 3), keepdim=True), "map": picture, "steps": torch.tensor([3])}

    def forward(self, low: Tensor, context: dict[str, Tensor] | None = None) -> Tensor:
        context = self.context(low) if context is None else context
        assert context["map"].shape[-2:] == low.shape[-2:]
        return (low * context["gain"]).clamp(0, 1)


class Own(Mean):
    def smooth(self, previous: Any, context: Any, weight: float) -> Any:
        return {**context, "gain": previous["gain"]}


def flat(level: float, side: int = 40) -> Tensor:
    return torch.full((1, 3, side, side), level)


def test_numbers_of_the_whole_frame_are_blended_and_maps_are_the_frames_own() -> None:
    low, before = flat(0.2), flat(0.1)
    net = Mean()
    mixed = smoothed(net, net.context(before), net.context(low), 0.25, low.shape[-2:])
    assert mixed["gain"].item() == pytest.approx(0.75 * 5 + 0.25 * 2.5)
    assert mixed["map"] is not before
    assert torch.equal(mixed["map"], low)
    assert mixed["steps"].item() == 3
    own = smoothed(Own(), net.context(before), net.context(low), 0.25, low.shape[-2:])
    assert own["gain"].item() == pytest.approx(5)


def test_the_average_is_exponential_in_time_and_begins_as_a_mean() -> None:
    steady = SteadyEnhancer(LoadedEnhancer(Mean()), 2.0, first=2)
    levels, times = (0.1, 0.125, 0.2), (0.0, 0.04, 0.54)
    known = []
    for level, time in zip(levels, times, strict=True):
        known.append(steady.learn(flat(level), time))
    assert known == [False, True, True]
    weight = 1 - math.exp(-0.5 / 2)
    expected = (1 - weight) * 4.5 + weight * 2.5
    assert steady.context["gain"].item() == pytest.approx(expected)
    assert steady.enhance(flat(0.2), "x").mean().item() == pytest.approx(0.2 * expected)


def test_a_beginning_is_not_waited_for_longer_than_half_the_time_constant() -> None:
    steady = SteadyEnhancer(LoadedEnhancer(Mean()), 2.0, first=8)
    assert [steady.learn(flat(0.1), second) for second in (0.0, 1.0, 2.0)] == [False, False, True]


def test_no_smoothing_and_no_context_leave_every_frame_to_itself() -> None:
    for steady in (SteadyEnhancer(LoadedEnhancer(Mean()), 0), SteadyEnhancer(LoadedEnhancer(nn.Identity()), 2)):
        for level in (0.1, 0.4):
            assert steady.learn(flat(level), 0.0)
            expected = steady.network(flat(level), ["x"])
            assert torch.equal(steady.enhance(flat(level), "x"), expected)


def test_a_new_scene_is_told_from_noise_and_from_movement() -> None:
    generator = torch.Generator().manual_seed(1)
    scene = torch.rand((1, 3, 8, 8), generator=generator).repeat_interleave(20, 2).repeat_interleave(20, 3) * 0.3

    def noisy(picture: Tensor) -> Tensor:
        return (picture + 0.03 * torch.randn(picture.shape, generator=generator)).clamp(0, 1)

    steady = SteadyEnhancer(LoadedEnhancer(Mean()), 2.0)
    frames = [
        scene,
        scene,
        scene.roll(4, 3),
        scene.roll(8, 3),
        scene.flip(3) * 1.2,
        scene.flip(3) * 1.25,
        scene.flip(3) * 3,
    ]
    assert [steady.look(noisy(frame)) for frame in frames] == [False, False, False, False, True, False, True]
    assert steady.look(flat(0.1, 20))  # of another size


def test_the_measure_of_difference_is_relative_light() -> None:
    one = torch.full((1, 1, 16, 16), 0.4)
    assert difference(one, one) == 0
    assert difference(one, one / 2) == pytest.approx(0.2 / 0.41)
    assert difference(one * 0, one * 0 + 0.002) < CUT


def test_a_context_is_handed_to_tiles_and_a_failing_smooth_names_its_owner() -> None:
    small, large = (LoadedEnhancer(Mean(), tile=tile) for tile in (16, 64))
    given = {**Mean().context(flat(0.2)), "gain": torch.tensor([2.0]).view(1, 1, 1, 1)}
    for network in (small, large):
        assert torch.allclose(network(flat(0.2), ["x"], given), flat(0.4))

    class Bad(Mean):
        def smooth(self, previous: Any, context: Any, weight: float) -> Any:
            raise ValueError("no")

    steady = SteadyEnhancer(LoadedEnhancer(Bad()), 2.0)
    steady.learn(flat(0.2), 0.0)
    with pytest.raises(PluginError, match="smooth: Bad of"):
        steady.learn(flat(0.2), 0.1)
