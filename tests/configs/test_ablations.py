"""The ablations of the paper's Table IV: what each leaves out, and that it trains on rendered faces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lowface_core.config.load import load, shipped
from lowface_core.train.trainer import train

#: Losses that each row leaves out; the row without negatives keeps all.
GONE = {
    "no_negatives": set(),
    "no_contrast": {"feature_cr", "brightness_cr"},
    "no_features": {"perceptual", "color", "smoothness"},
    "no_segmentation": {"semantic"},
    "no_face": {"identity"},
}
SMALL = [
    *(
        f"{name}_dataset.{setting}"
        for name in ("train", "test")
        for setting in ("identities=3", "pictures=1", "size=48")
    ),
    *("enhancer.channels=4", "max_iters=2", "batch_size=2", "log_interval=1", "samples=1", "device=cpu"),
]


def test_there_is_a_config_for_each_row() -> None:
    assert {name.removeprefix("ablations/") for name in shipped() if name.startswith("ablations/")} == set(GONE)


@pytest.mark.parametrize("row", GONE)
def test_a_row_differs_from_the_default_in_what_it_leaves_out(row: str) -> None:
    default, cfg = load("lowfacenet"), load(f"ablations/{row}")
    for loss in GONE[row]:
        del default["losses"][loss]
    if row == "no_negatives":
        for loss in ("feature_cr", "brightness_cr"):
            default["losses"][loss]["negatives"] = False
    if row == "no_segmentation":
        del default["heads"]["parser"]
    assert cfg == default


@pytest.mark.parametrize("row", GONE)
def test_a_row_trains(row: str, tmp_path: Path) -> None:
    cfg = load(f"ablations/{row}", SMALL, {"work_dir": str(tmp_path / "run")})
    del cfg["val_dataset"]
    summary = train(cfg, row)
    assert set(summary["test"]["enhanced"]) == {"psnr", "ssim", "rank1", "undetected"}
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    terms = {key.removeprefix("loss/") for key in lines[0] if key.startswith("loss/")} - {"total"}
    assert terms == set(load("lowfacenet")["losses"]) - GONE[row]
