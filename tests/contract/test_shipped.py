"""What ships with the project: configs that check and train, embedded weights that are what their records say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.config.load import load, shipped
from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import Component, import_reference
from lowface_core.weights.record import package_file, sha256_of

ROOTS = ("data_root=nowhere_data", "weights_root=nowhere_weights")
#: Names of scores that say how good an embedded head is, by head.
SCORES = {"deeplabv3plus": {"miou"}, "face_encoder": {"rank1"}, "small_features": {"miou", "reconstruction_psnr"}}


def shipped_components() -> list[Component]:
    return [c for c in plugins().components() if c.distribution == "lowface"]


def embedded() -> dict[str, Any]:
    return {c.name: (c, c.weights["embedded"]) for c in plugins().components("head") if "embedded" in c.weights}


@pytest.mark.parametrize("component", shipped_components(), ids=lambda c: f"{c.kind} {c.name}")
def test_what_is_registered_exists_and_weights_have_licence_and_source(component: Component) -> None:
    assert callable(component.resolve())
    for fact in filter(None, (component.network, component.pretrain)):
        assert callable(import_reference(fact, component.name))
    for key, record in component.weights.items():
        assert record.licence, key
        assert record.source, key
        # fetched from an address, shipped in a package, or a file by that name to be fetched by hand
        assert sum(bool(value) for value in (record.url, record.file, record.filename)) == 1, key


def test_every_embedded_weights_file_is_the_one_its_record_describes() -> None:
    assert set(embedded()) == set(SCORES)
    total = 0
    for name, (component, record) in embedded().items():
        file = package_file(component, record.file)
        content = json.loads(package_file(component, record.record).read_text())
        assert content["sha256"] == sha256_of(file)
        assert content["command"].startswith("lowface pretrain heads/")
        assert content["command"].split()[-1] in shipped()
        assert SCORES[name] <= set(content["scores"])
        assert record.licence == "Apache-2.0"
        total += file.stat().st_size
    assert total <= 12 * 2**20


def test_the_default_recipe_trains_with_its_embedded_heads(lowface: Callable[..., Any], tmp_path: Path) -> None:
    small = ["train_dataset.identities=4", "val_dataset.identities=2", "test_dataset.identities=2", "samples=1"]
    done = lowface("train", "lowfacenet", "--work-dir", "run", "--cfg-options", "max_iters=2", "batch_size=2", *small)
    assert done.code == 0, done.err
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert set(summary["test"]) == {"low", "enhanced", "normal"}
    assert {"psnr", "ssim", "rank1", "undetected"} == set(summary["test"]["enhanced"])
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert set(manifest["weights"]) == {"heads.features", "heads.parser", "heads.face.encoder"}
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    losses = {key for key in lines[0] if key.startswith("loss/")}
    assert {f"loss/{name}" for name in load("lowfacenet")["losses"]} < losses


def test_the_papers_recipe_names_each_missing_folder_and_file(lowface: Callable[..., Any], tmp_path: Path) -> None:
    done = lowface("train", "lowfacenet_paper", "--cfg-options", *ROOTS)
    assert done.code == 1
    for part in ("heads.parser.weights", "heads.face.detector.weights", "heads.face.encoder.weights"):
        assert f"{part}: no file 'nowhere_weights/" in done.err
    for section in ("train_dataset", "test_dataset"):
        assert f"{section}: nowhere_data" in done.err
    assert list(tmp_path.iterdir()) == []


def test_the_real_recipe_takes_two_steps_on_real_faces(lowface: Any, tmp_path: Path, shared: Path) -> None:
    roots = [f"data_root={shared / 'data' / 'celeba-face'}", f"weights_root={shared / 'weights'}"]
    small = ["train_dataset.limit=6", "test_dataset.limit=3", "max_iters=2", "batch_size=2", "samples=1"]
    done = lowface("train", "lowfacenet_celeba", "--work-dir", "run", "--cfg-options", *roots, *small)
    assert done.code == 0, done.err
    table = json.loads((tmp_path / "run" / "summary.json").read_text())["test"]
    assert table["normal"]["rank1"] == 1.0  # the gallery pictures themselves
    assert 6 < table["low"]["psnr"] < 12
