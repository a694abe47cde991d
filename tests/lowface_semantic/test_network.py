"""Untrained networks: shapes, key names, registry scopes."""

from __future__ import annotations

import pytest
import torch

from lowface_semantic.network import BACKBONES, build_network


@pytest.mark.parametrize("backbone", BACKBONES)
def test_logits_at_a_quarter(backbone):
    network = build_network(backbone, num_classes=5).eval()
    with torch.no_grad():
        assert network(torch.rand(1, 3, 33, 40)).shape == (1, 5, 9, 10)


def test_small_is_small():
    count = sum(p.numel() for p in build_network("small").parameters())
    assert 0.5e6 < count < 1.0e6


def test_keys_are_mmsegmentation_s():
    keys = build_network("resnet50").state_dict()
    assert all(key.startswith(("backbone.", "decode_head.")) for key in keys)
    assert keys["decode_head.c1_bottleneck.conv.weight"].shape == (48, 256, 1, 1)
    assert keys["decode_head.aspp_modules.1.depthwise_conv.conv.weight"].shape == (2048, 1, 3, 3)
    assert keys["decode_head.image_pool.1.conv.weight"].shape == (512, 2048, 1, 1)


def test_seed_decides_weights():
    states = []
    for _ in range(2):
        torch.manual_seed(7)
        states.append(build_network("small").state_dict())
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])


def test_a_foreign_registry_scope_is_no_obstacle(recwarn):
    from mmengine.registry import DefaultScope

    with DefaultScope.overwrite_default_scope("mmengine"):
        build_network("small")
        assert DefaultScope.get_current_instance().scope_name == "mmengine"
    assert len(recwarn) == 0
