"""What only this package knows about its parts."""

from __future__ import annotations

import numpy as np
import torch

import lowface_core as lf
from lowface_sr4ir.brightening_net import BrighteningNet
from lowface_sr4ir.losses import MixedClassification, ReferenceL1
from lowface_sr4ir.patterns import KINDS, Patterns


def test_every_kind_is_equally_frequent_and_no_picture_is_in_two_sets():
    train, test = Patterns(16), Patterns(16, first=16)
    assert sorted(train[i]["identity"] for i in range(16)) == sorted(2 * list(range(len(KINDS))))
    pictures = [data[i]["normal"].tobytes() for data in (train, test) for i in range(16)]
    assert len(set(pictures)) == 32
    assert "low" not in train[0]


def test_stripes_run_where_their_name_says():
    data = Patterns(8)
    for kind, along in (("rows", 2), ("columns", 1)):
        picture = data[KINDS.index(kind)]["normal"]
        ripple = {axis: np.abs(np.diff(picture, axis=axis)).mean() for axis in (1, 2)}
        assert ripple[along] < ripple[3 - along] / 3


def test_the_mix_takes_a_third_of_the_patches_from_each():
    pictures = [torch.full((3, 3, 24, 24), value) for value in (0.1, 0.5, 0.9)]
    torch.manual_seed(0)
    mixed = MixedClassification(patch=8).mixed(*pictures)
    shares = [float((mixed == value).float().mean()) for value in (0.1, 0.5, 0.9)]
    assert torch.allclose(torch.tensor(shares), torch.tensor(1 / 3))
    firsts = {MixedClassification(patch=8).mixed(*pictures)[0, 0, 0, 0].item() for _ in range(20)}
    assert len(firsts) == 3  # another layout in other batches
    assert len(mixed[0, 0, :8, :8].unique()) == 1


def test_the_classifier_learns_from_all_three_pictures():
    low, enhanced, normal = (torch.rand(3, 3, 24, 24, requires_grad=True) for _ in range(3))
    kernel = torch.randn(3 * 24 * 24, 8)
    loss = MixedClassification()(low, enhanced, normal, torch.arange(3), lambda x, layer: x.flatten(1) @ kernel)
    loss.backward()
    assert all(picture.grad is not None and picture.grad.abs().sum() > 0 for picture in (low, enhanced, normal))


def test_the_distance_is_the_mean_one():
    assert ReferenceL1()(torch.full((1, 3, 2, 2), 0.25), torch.ones(1, 3, 2, 2)) == 0.75


def test_a_dark_picture_comes_out_at_a_usual_brightness():
    net = BrighteningNet(4, level=0.4)
    for parameter in net.layers[-1].parameters():
        torch.nn.init.zeros_(parameter)
    dark = torch.rand(2, 3, 8, 8) * 0.1 + 0.02
    assert torch.allclose(net(dark)["enhanced"].mean((1, 2, 3)), torch.tensor(0.4), atol=0.01)


def test_lowfaces_perceptual_loss_reads_the_classifiers_stages():
    loss = lf.build("loss", "perceptual", layer="layer2")
    picture = torch.rand(1, 3, 16, 16)
    assert loss(picture, picture, lambda image, layer: image) == 0
