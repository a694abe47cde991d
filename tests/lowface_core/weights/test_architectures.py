from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from torch import nn

from lowface_core.registry.loader import plugins
from lowface_core.weights.architectures import Shapes, architectures, likeness, nearest_architecture, shapes_of


@pytest.fixture(scope="module")
def known() -> dict[str, Shapes]:
    found = list(architectures())
    assert len({name for name, _ in found}) == len(found)
    return dict(found)


def test_every_registered_network_can_be_built_without_memory(known: dict[str, Shapes]):
    wanted = [c for c in plugins().components() if c.network]
    assert len(known) == sum(len(c.variants or [{}]) for c in wanted)
    assert all(any(len(shape) > 1 for shape in shapes.values()) for shapes in known.values())


def test_every_head_with_weights_of_one_layout_has_its_network_registered(known: dict[str, Shapes]):
    any_layout = {"timm_features", "timm_classifier", "mtcnn"}  # whatever timm has; three files
    named = {name.split("'")[1] for name in known}
    heads = [c for c in plugins().components("head") if c.weights and c.plugin.startswith("lowface:")]
    assert {c.name for c in heads} - any_layout <= named


@pytest.mark.parametrize(
    ("layout", "architecture"),
    [
        ("facenet_mobilenet.pth", "head 'facenet_mobilenet'"),
        ("facenet_inception_resnetv1.pth", "head 'facenet_inception_resnetv1'"),
        ("best_deeplabv3plus_mobilenet_lapa_epoch96.pth:model_state", "head 'deeplabv3plus_mobilenet'"),
        ("Retinaface_mobilenet0.25.pth", "head 'retinaface' (backbone='mobilenet0.25')"),
        ("Low-FaceNet.pth", "enhancer 'retinex'"),
    ],
)
def test_the_released_checkpoints_are_recognised(layouts: dict[str, Any], layout: str, architecture: str):
    state = {key: torch.empty(shape, device="meta") for key, shape in layouts[layout].items()}
    hint = nearest_architecture(state)
    assert hint.startswith(f"; nearest registered architecture: {architecture} (")
    alike, total = map(int, re.search(r"\((\d+) of (\d+) weights have its shapes\)$", hint).groups())
    assert alike == total


def test_every_architecture_recognises_itself(known: dict[str, Shapes]):
    for name, shapes in known.items():
        assert likeness(shapes, shapes)[0] == (1.0, 1.0)
        best = max(known, key=lambda other: likeness(shapes, known[other])[0])
        assert known[best] == shapes, name  # two methods may share one layout, as Zero-DCE and SCL-LLE do


def test_another_width_is_recognised_by_its_keys():
    import lowface_core as lf

    hint = nearest_architecture(lf.build("enhancer", "retinex", channels=20).state_dict())
    assert "enhancer 'retinex' (11 of 11 weights have its keys, 0 its shapes)" in hint


def test_a_few_common_keys_make_no_likeness():
    common = {f"e_conv{i}.weight": torch.zeros(7, 7, 3, 3) for i in range(1, 5)}
    assert nearest_architecture(common) == ""


def test_what_is_like_nothing_gets_no_hint():
    assert nearest_architecture({"weight": torch.zeros(7, 5, 3, 3), "bias": torch.zeros(7)}) == ""
    assert nearest_architecture({}) == ""


class Made(nn.Module):
    def __init__(self, width: int = 5) -> None:
        super().__init__()
        self.made_layer = nn.Conv2d(3, width, 7)


def test_a_strangers_network_and_its_variants_are_known_too(add_plugin: Any):
    add_plugin({"head": {"made": (dict, {"network": Made, "variants": [{"width": 5}, {"width": 9}]})}})
    hint = nearest_architecture(Made(9).state_dict())
    assert hint == "; nearest registered architecture: head 'made' (width=9) (1 of 1 weights have its shapes)"


def broken() -> nn.Module:
    raise ImportError("No module named 'gone'")


def test_a_network_that_cannot_be_built_is_passed_over(add_plugin: Any):
    add_plugin({"head": {"bad": (dict, {"network": broken}), "made": (dict, {"network": Made})}})
    assert "head 'made'" in nearest_architecture(Made().state_dict())


def test_building_draws_no_random_numbers_and_takes_no_memory():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    built = list(architectures())
    assert torch.equal(before, torch.get_rng_state())
    assert all(isinstance(shape, tuple) for _, shapes in built for shape in shapes.values())


def test_likeness_counts_repeated_shapes_once_each():
    one = shapes_of({"a": torch.zeros(2, 2), "b": torch.zeros(2, 2)})
    other = shapes_of({"x": torch.zeros(2, 2), "y": torch.zeros(3, 2), "bias": torch.zeros(3)})
    assert likeness(one, other) == ((1 / 3, 0.0), "1 of 2 weights have its shapes")
