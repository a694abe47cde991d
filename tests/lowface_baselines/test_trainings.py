"""Each baseline's own training, on rendered faces: its objective falls and its pictures come nearer to normal light."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lowface_core.config.build import build_from
from lowface_core.config.load import load
from lowface_core.data.batches import collate
from lowface_core.train.model import EnhancementModel
from lowface_core.train.trainer import Trainer


def psnr(picture: Tensor, normal: Tensor) -> float:
    """In dB, the mean over the pictures."""
    return float((-10 * (picture - normal).square().mean((1, 2, 3)).clamp(min=1e-10).log10()).mean())


@torch.no_grad()
def measured(trainer: Trainer, held_out: dict[str, Any]) -> tuple[float, float]:
    """Objective and PSNR on pictures that are not trained on; the enhancer is left alone."""
    cfg = trainer.cfg
    enhancer: nn.Module = copy.deepcopy(trainer.enhancer)
    weights = {key: float(spec.get("weight", 1.0)) for key, spec in cfg["losses"].items()}
    bank = trainer.bank.prepared_for(trainer.datasets["train_dataset"], set())
    model = EnhancementModel(enhancer, trainer.losses, weights, bank, trainer.reads)
    # in eval mode, as it is used; the objective as it is trained, batch statistics included
    enhanced = psnr(enhancer.eval()(held_out["low"])["enhanced"], held_out["normal"])
    return float(model.total(model.train()(**held_out).terms)), enhanced


def trained(name: str, folder: Path, *options: str) -> dict[str, float]:
    """Runs a recipe whole; objective and PSNR on held-out faces before and after."""
    cfg = load(f"baselines/{name}", ["device=cpu", *options], {"work_dir": str(folder)})
    faces = build_from("dataset", {**cfg["test_dataset"], "contrast": True}, "test_dataset")
    held_out = collate([faces[index] for index in range(len(faces))])
    trainer = Trainer(cfg, name)
    start = measured(trainer, held_out)
    trainer.run()
    end = measured(trainer, held_out)
    low = psnr(held_out["low"], held_out["normal"])
    figures = {
        "objective_start": start[0],
        "objective": end[0],
        "psnr_low": low,
        "psnr_start": start[1],
        "psnr": end[1],
    }
    print(name, json.dumps({key: round(value, 4) for key, value in figures.items()}))
    return figures


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["zero_dce", "zero_dcepp", "scl_lle", "sci", "ruas", "ssienet"])
def test_a_recipe_improves_its_objective_and_the_pictures(name: str, tmp_path: Path) -> None:
    found = trained(name, tmp_path / "run")
    assert found["objective"] < found["objective_start"]
    assert found["psnr"] > max(found["psnr_low"], found["psnr_start"]) + 0.5


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_retinexnet_learns_to_take_apart_and_then_to_relight(tmp_path: Path) -> None:
    first = trained("retinexnet_decomposition", tmp_path / "first")
    assert first["objective"] < 0.5 * first["objective_start"]
    second = trained("retinexnet_relight", tmp_path / "second", f"weights_root={tmp_path / 'first'}")
    assert second["objective"] < second["objective_start"]
    assert second["psnr"] > max(second["psnr_low"], second["psnr_start"]) + 0.5
