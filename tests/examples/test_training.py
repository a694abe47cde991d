"""The examples are installed by pip, pass their own tests, and train."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

OFFERED = {
    "exposure": {"loss exposure"},
    "arcface": {"head arcface"},
    "dehaze": {
        "enhancer scattering_net",
        "loss pixel_l1",
        "loss classification",
        "head identity_classifier",
        "dataset fold",
        "metric accuracy",
        "degradation fog_banks",
    },
    "sr4ir": {
        "enhancer brightening_net",
        "loss reference_l1",
        "loss mixed_classification",
        "head resnet_ladder",
        "dataset patterns",
        "metric top1",
    },
}
#: Fewer people than in the shipped recipe, and no validation: a few steps tell whether the parts work, nothing more.
SMALL = (
    "train_dataset.identities=6",
    "test_dataset.identities=4",
    "val_dataset=null",
    "val_interval=0",
    "batch_size=4",
)


def logged(work_dir: Path) -> list[dict[str, Any]]:
    lines = (json.loads(line) for line in (work_dir / "metrics.jsonl").read_text().splitlines())
    return [line for line in lines if line.get("split") == "train"]


def test_list_plugins_shows_what_each_offers(run: Callable[..., Any], tmp_path: Path):
    rows = {row["plugin"]: row for row in run("list-plugins", cwd=tmp_path)}
    for name, offered in OFFERED.items():
        row = rows[f"lowface-{name}:{name}"]
        assert row["status"] == "ok", row["error"]
        assert row["version"] == "0.1.0"
        assert {f"{c['kind']} {c['name']}" for c in row["components"]} == offered


@pytest.mark.parametrize("name", sorted(OFFERED))
def test_it_passes_its_own_tests(copied: Path, installed: str, python: Callable[..., Any], name: str):
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", f"lowface-{name}/tests")
    done = python(*words, cwd=copied, PYTHONPATH=installed)
    assert done.code == 0, done.out


def test_the_exposure_loss_joins_the_default_recipe(run: Callable[..., Any], copied: Path, tmp_path: Path):
    config = copied / "lowface-exposure" / "configs" / "lowfacenet_exposure.py"
    options = ("max_iters=3", "log_interval=1", *SMALL)
    summary = run("train", config, "--work-dir", "run", "--cfg-options", *options, cwd=tmp_path)
    assert summary["iterations"] == 3
    assert all(0 < line["loss/exposure"] < 0.54 for line in logged(tmp_path / "run"))
    assert "loss/identity" in logged(tmp_path / "run")[0]


def test_dehazing_improves_classification_by_a_frozen_network(run: Callable[..., Any], copied: Path, tmp_path: Path):
    configs = copied / "lowface-dehaze" / "configs"
    options = ("max_iters=250", "checkpoint_interval=1000")
    record = run("pretrain", configs / "people.py", "--work-dir", "people", "--cfg-options", *options, cwd=tmp_path)
    assert record["scores"]["accuracy"] > 0.75
    assert record["scores"]["accuracy_low"] < 0.25
    options = ("weights_root=people", "max_iters=300", "checkpoint_interval=1000", "sample_interval=0")
    summary = run("train", configs / "dehaze.py", "--work-dir", "run", "--cfg-options", *options, cwd=tmp_path)
    hazed, dehazed, clear = (summary["test"][stage] for stage in ("low", "enhanced", "normal"))
    assert clear["accuracy"] == pytest.approx(record["scores"]["accuracy"], abs=0.01)  # frozen: as it was pretrained
    assert hazed["accuracy"] == pytest.approx(record["scores"]["accuracy_low"], abs=0.01)
    assert dehazed["accuracy"] > hazed["accuracy"] + 0.08
    assert dehazed["psnr"] > hazed["psnr"] + 2


def test_the_classifier_must_have_weights(installed: str, process: Callable[..., Any], copied: Path, tmp_path: Path):
    config = copied / "lowface-dehaze" / "configs" / "dehaze.py"
    done = process("train", config, cwd=tmp_path, PYTHONPATH=installed)
    assert done.code == 1
    assert "needs weights_root; add --cfg-options weights_root=FOLDER" in done.err


def test_the_classifier_learns_in_its_turn(run: Callable[..., Any], copied: Path, tmp_path: Path):
    configs, small = copied / "lowface-sr4ir" / "configs", "test_dataset.count=160"
    options = ("max_iters=60", small)
    record = run("pretrain", configs / "patterns.py", "--work-dir", "p", "--cfg-options", *options, cwd=tmp_path)
    options = ("weights_root=p", "max_iters=20", small)
    summary = run("train", configs / "turns.py", "--work-dir", "run", "--cfg-options", *options, cwd=tmp_path)
    assert {line["phase"] for line in logged(tmp_path / "run")} == {"enhancer", "heads.classifier"}
    assert summary["columns"]["top1"]["heads"]["classifier"]["trained"] is True
    assert summary["test"]["enhanced"]["top1"] > record["scores"]["accuracy_low"]
    words = ("evaluate", configs / "turns.py", "--checkpoint", "run", "--work-dir", "again")
    again = run(*words, "--cfg-options", *options, cwd=tmp_path)
    assert again["table"]["enhanced"]["top1"] == summary["test"]["enhanced"]["top1"]


def test_arcface_takes_the_encoders_place(run: Callable[..., Any], copied: Path, tmp_path: Path):
    configs = copied / "lowface-arcface" / "configs"
    options = ("max_iters=25", "log_interval=5", "train_dataset.identities=8", "test_dataset.identities=5")
    options += ("task.margin=0.1",)
    record = run(
        "pretrain", configs / "arcface_rendered.py", "--work-dir", "arc", "--cfg-options", *options, cwd=tmp_path
    )
    terms = [line["loss/identity"] for line in logged(tmp_path / "arc")]
    assert terms[-1] < terms[0]
    assert record["scores"]["rank1"] >= 0.2  # of five people; chance is a fifth
    options = ("weights_root=arc", "max_iters=3", "log_interval=1", *SMALL)
    config = configs / "lowfacenet_arcface.py"
    summary = run("train", config, "--work-dir", "run", "--cfg-options", *options, cwd=tmp_path)
    assert 0 <= summary["test"]["normal"]["rank1"] <= 1
    assert all(line["loss/identity"] > 0 for line in logged(tmp_path / "run"))
    saved = torch.load(tmp_path / "run" / "last.pth", weights_only=True)
    assert not any("layer1" in key for key in saved["model"])  # the encoder is frozen and no part of what is trained
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["weights"]["heads.face.encoder"]["sha256"] == record["sha256"]
