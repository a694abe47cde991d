"""Every file under configs/: it loads, it checks, and where its data exist it takes two steps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lowface_core.config.check import check_config, purpose
from lowface_core.config.load import load, read, shipped, shipped_folder

ROOTS = ("data_root=nowhere_data", "weights_root=nowhere_weights")
#: Data that nobody can have beside the checkout: what is missing.
NOT_HERE = {
    "night_rendered": "a slow test of the recipes runs it shortened",
    "lowfacenet_night": "a slow test of the recipes runs it shortened",
    "lowfacenet_paper": "needs LaPa-Face and the released weights, which are not public",
    "baselines/retinexnet_relight": "goes on from the other training, see tests/lowface_baselines/test_trainings.py",
}
#: Over ten seconds each on one core: a detector looks for the faces of every picture first.
SLOW = {"heads/encoder_folder"}
NAMES = [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in shipped()]


def test_the_list_of_shipped_configs_has_every_file() -> None:
    files = {p for p in shipped_folder().rglob("*.*") if p.suffix in (".py", ".yaml", ".yml", ".json")}
    unseen = {p for p in files - set(shipped().values()) if "_base_" not in p.parts and p.name != "__init__.py"}
    assert {p.name for p in unseen if "__pycache__" not in p.parts} == set()


@pytest.mark.parametrize("name", shipped())
def test_it_loads_and_checks_and_says_what_it_is(name: str) -> None:
    cfg = load(name, ROOTS)
    check_config(cfg, purpose(cfg))
    title = shipped()[name].read_text(encoding="utf-8").splitlines()[0]
    assert title.startswith('"""')
    assert title.endswith('."""')


def small(cfg: dict[str, Any]) -> Iterator[str]:
    """Options that make a config's data small; its networks, losses and forms stay as they are."""
    yield from ("max_iters=2", "batch_size=2", "samples=1", "num_workers=0", "device=cpu", "log_interval=1")
    yield "max_epochs=null"
    if cfg.get("val_interval"):
        yield "val_interval=2"
    for section in ("train_dataset", "val_dataset", "test_dataset"):
        kind = cfg.get(section, {}).get("type")
        if kind == "rendered_faces":
            yield from (f"{section}.identities=3", f"{section}.pictures=2", f"{section}.size=48")
        elif kind is not None:
            yield f"{section}.limit=4"


@pytest.mark.parametrize("name", NAMES)
def test_it_takes_two_steps(name: str, lowface: Any, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if name in NOT_HERE:
        pytest.skip(NOT_HERE[name])
    cfg = read(name)
    command = purpose(cfg)
    if command not in ("train", "pretrain"):
        pytest.skip(f"is for lowface {command}; it trains nothing")
    options = list(small(cfg))
    if "_root}" in json.dumps(cfg):
        shared = request.getfixturevalue("shared")
        options += [f"data_root={shared / 'data' / 'celeba-face'}", f"weights_root={shared / 'weights'}"]
    done = lowface(command, name, "--work-dir", "run", "--json", "--cfg-options", *options)
    assert done.code == 0, done.err
    assert json.loads(done.out)["iterations"] == 2
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    steps = [json.loads(line) for line in lines if "loss/total" in line]
    assert len(steps) == 2
    assert all(isinstance(step["loss/total"], float) for step in steps)  # what is not finite is written as null
    if command == "train":
        terms = {key.removeprefix("loss/") for key in steps[0] if key.startswith("loss/")} - {"total"}
        assert terms == set(cfg["losses"])
