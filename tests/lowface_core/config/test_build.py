from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.config.build import build_datasets, weights_faults, weights_used
from lowface_core.errors import ConfigError
from lowface_core.weights.record import sha256_of

Resolved = Callable[..., dict[str, Any]]


def test_every_missing_weights_file_is_told_with_its_path(resolved: Resolved, tmp_path: Path):
    heads = {
        "vgg": {"type": "small_features", "weights": str(tmp_path / "gone.pth")},
        "face": {"type": "face", "encoder": {"type": "face_encoder", "weights": "embeded"}},
    }
    first, second = weights_faults(resolved(heads=heads))
    assert first.startswith(f"heads.vgg.weights: no file '{tmp_path}/gone.pth'; weights with a name: ")
    assert second.startswith("heads.face.encoder.weights: no file 'embeded'")
    assert "did you mean 'embedded'" in second


def test_weights_used_are_recorded_by_hash(resolved: Resolved, tmp_path: Path):
    file = tmp_path / "w.pth"
    file.write_bytes(b"weights")
    cfg = resolved(heads={"vgg": {"type": "small_features", "weights": str(file)}})
    assert weights_faults(cfg) == []
    assert weights_used(cfg) == {"heads.vgg": {"asked": str(file), "sha256": sha256_of(file)}}


def test_datasets_that_cannot_be_built_or_are_empty_become_faults(
    resolved: Resolved, tmp_path: Path, add_plugin: Callable[..., None]
):
    add_plugin({"dataset": {"nothing": list}})
    cfg = resolved(val_dataset={"type": "lapa_face", "root": str(tmp_path / "gone")}, test_dataset={"type": "nothing"})
    assert len(build_datasets(cfg, ("train_dataset",))["train_dataset"]) == 8
    with pytest.raises(ConfigError) as raised:
        build_datasets(cfg, ("train_dataset", "val_dataset", "test_dataset"), ["found before"])
    before, missing, empty = str(raised.value).split("\n")
    assert before == "found before"
    assert missing.startswith(f"val_dataset: {tmp_path}/gone: no such folder")
    assert empty == "test_dataset: the data set is empty"


def test_what_others_report_is_left_out_and_hides_nothing():
    heads = {
        "a": {"type": "gone"},
        "b": {"type": "small_features", "weights": "{weights_root}/x.pth"},
        "c": {"type": "small_features", "weights": "gone.pth"},
        "d": 3,
    }
    (fault,) = weights_faults({"heads": heads})
    assert fault.startswith("heads.c.weights: no file 'gone.pth'")
