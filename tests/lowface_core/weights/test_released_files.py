"""Files laid out as the released checkpoints, by way of the store, into the heads and the enhancer they belong to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import lowface_core as lf
from lowface_core.weights.record import find
from lowface_core.weights.store import add


@pytest.fixture
def layout(layouts: dict[str, dict[str, list[int]]]) -> Callable[[str], dict[str, Tensor]]:
    return lambda name: {key: torch.zeros(shape) for key, shape in layouts[name].items()}


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize(
    ("record", "name", "wrapper"),
    [
        ("facenet_mobilenet/released", "facenet_mobilenet.pth", None),
        ("deeplabv3plus_mobilenet/lapa", "best_deeplabv3plus_mobilenet_lapa_epoch96.pth:model_state", "model_state"),
    ],
)
def test_heads(layout: Any, tmp_path: Path, record: str, name: str, wrapper: str | None, prefix: str):
    state = {prefix + key: value for key, value in layout(name).items()}
    file = tmp_path / name.split(":")[0]
    torch.save({wrapper: state, "best_score": 0.7} if wrapper else state, file)
    add(find(record), file)
    head, key = record.split("/")
    built = lf.build("head", head, weights=key)
    assert all(not value.any() for value in built.network.state_dict().values())


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("retinaface", "Retinaface_mobilenet0.25.pth"),
        ("facenet_inception_resnetv1", "facenet_inception_resnetv1.pth"),
    ],
)
def test_heads_whose_weights_have_an_address_take_a_file_too(layout: Any, tmp_path: Path, head: str, name: str):
    torch.save({f"module.{key}": value for key, value in layout(name).items()}, tmp_path / name)
    built = lf.build("head", head, weights=str(tmp_path / name))
    assert all(not value.any() for value in built.network.state_dict().values())


def test_the_enhancer(layout: Any, tmp_path: Path):
    torch.save(layout("Low-FaceNet.pth"), tmp_path / "Low-FaceNet.pth")
    add(find("retinex/released"), tmp_path / "Low-FaceNet.pth")
    network = lf.load_enhancer("retinex/released")
    assert not any(value.any() for value in network.state_dict().values())
    low = torch.rand(1, 3, 4, 4) * 0.2
    assert network(low).mean() > low.mean()
