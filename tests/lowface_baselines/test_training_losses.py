"""The losses that train the baselines, by hand and against plain loops."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from lowface_baselines.exposure_control import ExposureControl
from lowface_baselines.exposure_triplet import ExposureTriplet, gram
from lowface_baselines.illumination_fidelity import IlluminationFidelity
from lowface_baselines.maximum_entropy import MaximumEntropy, equalized
from lowface_baselines.relative_total_variation import RelativeTotalVariation
from lowface_baselines.retinex_reconstruction import RetinexReconstruction
from lowface_baselines.retinexnet_decomposition import RetinexNetDecomposition
from lowface_baselines.spatial_consistency import SpatialConsistency
from lowface_baselines.stage_smoothness import StageSmoothness
from lowface_baselines.structure_smoothness import StructureSmoothness
from lowface_fidelity.smoothness import SmoothnessLoss


def near(value: float) -> Any:
    """Equal but for single precision."""
    return pytest.approx(value, rel=1e-4, abs=1e-6)


def flat(*levels: float, side: int = 4, channels: int = 3) -> Tensor:
    """Pictures of one level each."""
    return torch.tensor(levels).view(-1, 1, 1, 1).expand(-1, channels, side, side).clone()


def test_spatial_consistency_compares_steps_between_regions() -> None:
    low, enhanced = flat(0.1, side=8), flat(0.4, side=8)
    assert float(SpatialConsistency()(low, enhanced)) == 0  # a constant gain of brightness is no matter
    enhanced[..., 4:] += 0.2  # two of the four pairs of neighbours: 0.2 apart, seen from both ends
    assert float(SpatialConsistency()(low, enhanced)) == near(2 * 2 * 0.2**2 / 4)
    low[..., 4:] -= 0.05
    assert float(SpatialConsistency()(low, enhanced)) == near(2 * 2 * 0.15**2 / 4)
    assert float(SpatialConsistency(region=8)(low, enhanced)) == 0


def test_exposure_control_is_the_distance_of_each_region_from_the_level() -> None:
    enhanced = flat(0.5, side=32)
    enhanced[..., :16, :16] = 0.9
    assert float(ExposureControl()(enhanced)) == near((0.3 + 3 * 0.1) / 4)
    assert float(ExposureControl(level=0.6, region=32)(enhanced)) == near(0.0)
    assert float(ExposureControl()(flat(0.2, side=3))) == near(0.4)  # smaller than a region


def test_reconstruction_and_fidelity_are_plain_means() -> None:
    low, reflectance, illumination = flat(0.3), flat(0.5), flat(0.4, channels=1)
    assert float(RetinexReconstruction()(low, reflectance, illumination)) == near(0.1)
    assert float(IlluminationFidelity()(illumination, flat(0.1, channels=1))) == near(0.09)


def test_an_edge_of_the_reflectance_excuses_one_of_the_illumination() -> None:
    reflectance, illumination = flat(0.5, side=2), flat(0.2, side=2, channels=1)
    illumination[..., 1] = 0.5
    loss = StructureSmoothness()
    assert float(loss(reflectance, illumination)) == near(2 * 0.3 / 4)
    reflectance[..., 1] = 0.8
    assert float(loss(reflectance, illumination)) == near(2 * 0.3 * math.exp(-10 * 0.3) / 4)
    assert float(loss(reflectance[..., :1, :1], illumination[..., :1, :1])) == 0


def test_the_decomposition_sums_its_terms() -> None:
    low, normal = flat(0.1), flat(0.6)
    loss = RetinexNetDecomposition(crossed=0.01, consistency=0.1)
    value = loss(low, normal, flat(0.5), flat(0.2, channels=1), lambda picture: (picture / 0.9, flat(0.9, channels=1)))
    other = 0.6 / 0.9
    crossed = abs(0.5 * 0.9 - 0.6) + abs(other * 0.2 - 0.1)
    assert float(value) == near(0.01 * crossed + 0.1 * (other - 0.5))
    assert float(loss.logged["consistency"]) == near(other - 0.5)
    assert float(loss.logged["smoothness"]) == 0


def test_equalisation_is_opencvs() -> None:
    rng = np.random.default_rng(0)
    planes = np.stack([rng.integers(3, 60, (13, 17)), rng.integers(0, 256, (13, 17)), np.full((13, 17), 9)])
    expected = np.stack([cv2.equalizeHist(plane.astype(np.uint8)) for plane in planes])
    assert (
        float((equalized(torch.from_numpy(planes) / 255) - torch.from_numpy(expected) / 255).abs().max()) <= 0.6 / 255
    )


def test_the_equalised_reflectance_costs_nothing() -> None:
    low = 0.2 * torch.rand(2, 3, 9, 9, generator=torch.Generator().manual_seed(0))
    best = equalized(low.amax(1))[:, None].expand(-1, 3, -1, -1)
    assert float(MaximumEntropy()(low, best)) == 0
    assert float(MaximumEntropy()(low, (best - 0.25).clamp(min=-1))) == near(0.25)


def test_each_stage_is_smoothed_by_what_it_was_given() -> None:
    pictures = torch.rand(4, 2, 3, 7, 7, generator=torch.Generator().manual_seed(0))
    value = StageSmoothness()(torch.cat([pictures[0], pictures[1]], 1), torch.cat([pictures[2], pictures[3]], 1))
    single = SmoothnessLoss()
    expected = single(pictures[2], pictures[0]) + single(pictures[3], pictures[1])
    assert float(value) == near(float(expected))


def test_relative_total_variation_of_a_ramp_and_of_texture() -> None:
    ramp = torch.linspace(0, 1, 31).expand(1, 1, 31, 31)
    step = 1 / 30
    taps = torch.exp(-0.5 * torch.arange(-9, 10) ** 2 / 9.0)
    whole = np.convolve(np.ones(30), (taps / taps.sum()).numpy(), "same")  # the window's share inside, across
    rows = np.convolve(np.ones(31), (taps / taps.sum()).numpy(), "same")
    inside = step * rows[:, None] * whole[None]
    expected = (inside / (inside + 1e-3)).sum() / 31**2
    assert float(RelativeTotalVariation()(ramp)) == near(expected)
    texture = 0.5 + step / 2 * torch.cos(torch.pi * torch.arange(31)).expand(1, 1, 31, 31)
    assert float(RelativeTotalVariation()(texture)) > 5 * expected


def test_the_triplet_by_hand() -> None:
    enhanced, positive, negative = flat(0.3), flat(0.5), flat(0.1)
    loss = ExposureTriplet(feature_margin=0.3, brightness_margin=0.04, gain=1.6)
    # features are the picture: Gram matrices hold the squared levels
    same, dark, bright = abs(0.09 - 0.25), abs(0.09 - 0.01), abs(0.09 - 0.64)
    expected = (max(same - dark + 0.3, 0) + max(same - bright + 0.3, 0)) / 2
    expected += (max(0.2 - 0.2 + 0.04, 0) + max(0.2 - 0.5 + 0.04, 0)) / 2
    assert float(loss(enhanced, positive, negative, lambda picture, layer: picture)) == near(expected)
    assert gram(torch.ones(2, 3, 4, 4)).shape == (2, 9)
    assert float(loss(positive, positive, flat(0.0), lambda picture, layer: 4 * picture)) == 0
