"""A config's losses outside the trainer: the same numbers, heads kept apart."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

import lowface_core as lf

FEATURES = {"features": {"type": "small_features", "weights": "embedded"}}
PERCEPTUAL = {"type": "perceptual", "weight": 0.5}


@pytest.fixture
def batch() -> dict[str, Tensor]:
    torch.manual_seed(0)
    low, normal = torch.rand(2, 3, 32, 32) * 0.2, torch.rand(2, 3, 32, 32)
    return {"low": low, "normal": normal, "positive": normal, "enhanced": (3 * low).requires_grad_()}


def test_it_is_the_weighted_sum_of_the_losses_called_by_hand(batch: dict[str, Tensor]) -> None:
    criterion = lf.Criterion({"perceptual": PERCEPTUAL, "color": {"type": "color"}}, FEATURES)
    total = criterion(**batch)
    features, perceptual, color = (
        lf.build("head", "small_features", weights="embedded"),
        lf.build("loss", "perceptual"),
        lf.build("loss", "color"),
    )
    by_hand = {
        "perceptual": perceptual(
            **{n: batch[n] for n in ("enhanced", "low", "normal") if n in arguments(perceptual)}, features=features
        ),
        "color": color(**{n: batch[n] for n in arguments(color)}),
    }
    for name, value in by_hand.items():
        torch.testing.assert_close(criterion.terms[name], value.detach())
    torch.testing.assert_close(total, 0.5 * by_hand["perceptual"] + by_hand["color"])
    total.backward()
    assert batch["enhanced"].grad is not None
    assert batch["enhanced"].grad.abs().sum() > 0


def arguments(loss: Any) -> list[str]:
    import inspect

    return list(inspect.signature(loss.forward).parameters)


def test_heads_are_frozen_and_redirected_as_in_a_config(batch: dict[str, Tensor]) -> None:
    heads = {"own": FEATURES["features"]}
    criterion = lf.Criterion({"perceptual": {**PERCEPTUAL, "reads": {"features": "own"}}}, heads)
    usual = lf.Criterion({"perceptual": PERCEPTUAL}, FEATURES)
    torch.testing.assert_close(criterion(**batch), usual(**batch))
    head = criterion._heads["own"]
    assert not any(p.requires_grad for p in head.parameters())
    assert not head.train().training


def test_a_gallery_is_prepared_from_a_data_set() -> None:
    faces = lf.build(
        "dataset", "rendered_faces", size=64, identities=3, degradation={"type": "linear", "low": 0.2, "high": 0.3}
    )
    face = {"type": "face", "locate": "labels", "encoder": {"type": "face_encoder", "weights": "embedded"}}
    criterion = lf.Criterion({"identity": {"type": "identity"}}, {"face": face}, faces)
    batch = next(iter(torch.utils.data.DataLoader(faces, batch_size=2)))
    assert torch.isfinite(criterion(enhanced=batch["normal"], **batch))


@pytest.mark.parametrize(
    ("losses", "change", "part"),
    [
        ({}, {}, "losses: none is given"),
        ({"color": {"type": "colour"}}, {}, "did you mean 'color'"),
        ({"perceptual": PERCEPTUAL}, {}, "losses.perceptual: reads 'features', which nobody supplies"),
        ({"color": {"type": "color"}}, {"positive": None}, "losses.color: reads 'positive'"),
        ({"color": {"type": "color"}}, {"low": torch.zeros(1, device="meta")}, "on one device"),
    ],
)
def test_mistakes_are_one_line(batch: dict[str, Any], losses: Any, change: dict[str, Any], part: str) -> None:
    names = {key: value for key, value in {**batch, **change}.items() if value is not None}
    with pytest.raises(lf.LowfaceError) as error:
        lf.Criterion(losses)(**names)
    assert part in str(error.value)
    assert len(str(error.value).splitlines()) == 1
