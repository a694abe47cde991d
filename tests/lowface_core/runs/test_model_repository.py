"""A run becomes a model repository with a card, and comes back; against a server in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

import lowface_core as lf
from lowface_core.runs import checkpoint
from tests.hub_server import Hub

CONFIG = {"type": "retinex", "channels": 4, "illumination_channels": 1}
MANIFEST = {
    "lowface": "0.1.0",
    "command": ["/home/somebody/lowface", "train"],
    "cwd": "/home/somebody",
    "platform": "somebodys-machine",
    "segments": [{"command": ["/home/somebody"]}],
    "weights": {"heads.face": {"asked": "/home/somebody/face.pth", "sha256": "ab" * 32}},
    "data": {"train_dataset": "Made:v1:size=32"},
    "packages": {"torch": "2.6"},
    "seed": 7,
}
SUMMARY = {
    "iterations": 12,
    "checkpoint": "last.pth",
    "pictures": 8,
    "test": {"low": {"psnr": 8.0}, "enhanced": {"psnr": 19.25}, "normal": {}},
    "columns": {"psnr": {"metric": "psnr", "variant": "gt_mean", "better": "higher", "unit": "dB"}},
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    server = Hub()
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("HF_TOKEN", "hf_made")
    monkeypatch.setenv("LOWFACE_HOME", str(tmp_path / "home"))
    for name in ("LOWFACE_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    yield server
    server.close()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    folder = tmp_path / "somebodys-run"
    folder.mkdir()
    state = lf.build("enhancer", "retinex", channels=4, illumination_channels=1).state_dict()
    private = {
        "config": {"data_root": "/home/somebody"},
        "optimizer": {"big": torch.zeros(9)},
        "data": "/home/somebody",
    }
    checkpoint.save(folder / "last.pth", {"iter": 12, "state_dict": state, "enhancer_config": CONFIG, **private})
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    (folder / "summary.json").write_text(json.dumps(SUMMARY))
    (folder / "config.py").write_text("enhancer = dict(type='retinex')")
    return folder


def test_pushed_and_pulled_it_enhances_the_same(server: Hub, run: Path, lowface: Callable[..., Any]) -> None:
    pushed = lowface("weights", "push", run, "me/bright", "--licence", "apache-2.0")
    assert (pushed.code, pushed.out) == (0, "hf://me/bright/last.pth@main\n"), pushed.err
    assert {*server.repos["me/bright"]} == {"README.md", "last.pth", "manifest.json", "summary.json"}
    assert not [name for name, content in server.repos["me/bright"].items() if b"somebody" in content]
    pulled = lowface("weights", "pull", "me/bright", run.parent / "back")
    assert pulled.code == 0, pulled.err
    assert {path.name for path in (run.parent / "back").iterdir()} == {*server.repos["me/bright"]}
    picture = torch.rand(1, 3, 16, 16)
    expected = lf.load_enhancer(run)(picture)
    assert torch.equal(lf.load_enhancer(run.parent / "back")(picture), expected)
    assert torch.equal(lf.load_enhancer("hf://me/bright/last.pth")(picture), expected)


def test_card_says_data_metrics_licence_and_how_to_load(run: Path, lowface: Callable[..., Any]) -> None:
    made = lowface("weights", "push", run, "me/bright", "--dry-run", run.parent / "card")
    assert made.code == 0, made.err
    card = (run.parent / "card" / "README.md").read_text()
    facts = yaml.safe_load(card.split("---")[1])
    assert (facts["license"], facts["license_name"], facts["library_name"]) == ("other", "not-stated", "lowface")
    for line in (
        'enhancer = lf.load_enhancer("hf://me/bright/last.pth")',
        "* train_dataset: `Made:v1:size=32`",
        "| picture | psnr (gt_mean) ↑ dB |",
        "| enhanced | 19.25 |",
        "On 8 pictures of the test set.",
        f"* `heads.face`: face.pth, SHA-256 `{'ab' * 32}`",
        "* seed: 7",
    ):
        assert line in card.splitlines()


def test_mistakes_are_one_line(server: Hub, run: Path, lowface: Callable[..., Any], monkeypatch: Any) -> None:
    full = lowface("weights", "pull", "me/bright", run)
    assert (full.code, "is not empty; give another folder" in full.err) == (1, True)
    none = lowface("weights", "pull", "me/none", run.parent / "new")
    assert (none.code, none.err.count("\n")) == (1, 1)
    assert not (run.parent / "new").exists()
    server.repos["me/else"] = {"README.md": b"hello"}
    other = lowface("weights", "pull", "me/else", run.parent / "new")
    assert "me/else@main: holds no last.pth" in other.err
    missing = lowface("weights", "push", run.parent / "nothing", "me/bright")
    assert "no such run; give the work dir of lowface train" in missing.err
    monkeypatch.setenv("LOWFACE_OFFLINE", "1")
    assert "the network is forbidden" in lowface("weights", "push", run, "me/bright").err
