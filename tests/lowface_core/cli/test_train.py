from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from lowface_core.data.images import write_image


def test_training_from_the_command_line_ends_with_the_table(lowface, write_config, tmp_path: Path):
    done = lowface("train", write_config(measured=True))
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "test set, by best.pth"
    assert done.out.splitlines()[1].split() == ["psnr"]
    assert "everything is in work_dirs/tiny" in done.out
    assert (tmp_path / "work_dirs" / "tiny" / "summary.json").is_file()
    again = lowface("train", tmp_path / "tiny.json", "--json", "--cfg-options", "max_iters=1", "--seed", 5)
    summary = json.loads(again.out)
    assert summary["work_dir"] == "work_dirs/tiny-2"
    assert summary["iterations"] == 1
    assert json.loads((tmp_path / "work_dirs" / "tiny-2" / "manifest.json").read_text())["seed"] == 5
    refused = lowface("train", tmp_path / "tiny.json", "--work-dir", "work_dirs/tiny")
    assert refused.code == 1
    assert refused.err == (
        "lowface: work_dirs/tiny: already holds a run; add --resume to continue it, or give another --work-dir\n"
    )


def test_yaml_configs_train(lowface, write_config, tmp_path: Path):
    import yaml

    content = json.loads(write_config(max_iters=1).read_text())
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(content))
    done = lowface("train", "tiny.yaml", "--work-dir", "run", "--amp", "--device", "cpu")
    assert done.code == 0, done.err
    assert "amp = True" in (tmp_path / "run" / "config.py").read_text()


@pytest.mark.parametrize("work_dir", [None, "runs/a", "absolute"])
def test_a_run_goes_on_from_another_folder_by_its_own_config(
    lowface, write_config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work_dir: str | None
):
    for number in range(4):
        write_image(tmp_path / "data" / f"p{number}_0.png", np.full((3, 32, 32), 0.1 + 0.2 * number))
    folder = {"type": "image_folder", "root": "data", "light": "normal", "people": True, "contrast": True, "size": 32}
    write_config(train_dataset={**folder, "degradation": {"type": "linear"}}, checkpoint_interval=1)
    place = str(tmp_path / "b") if work_dir == "absolute" else work_dir
    first = lowface("train", "tiny.json", *(["--work-dir", place] if place else []), "--json")
    assert first.code == 0, first.err
    run = tmp_path / json.loads(first.out)["work_dir"]
    assert json.loads((run / "manifest.json").read_text())["cwd"] == str(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(monkeypatch, "chdir", lambda _: os.chdir(elsewhere))
    config = os.path.relpath(run / "config.py", elsewhere)
    again = lowface("train", config, "--resume", "--json", "--cfg-options", "max_iters=4")
    assert again.code == 0, again.err
    assert json.loads(again.out)["iterations"] == 4
    assert Path(json.loads(again.out)["work_dir"]) == run
    assert Path.cwd() == elsewhere
    assert list(elsewhere.iterdir()) == []
    assert len(json.loads((run / "manifest.json").read_text())["segments"]) == 2


def test_a_shipped_head_is_pretrained_from_the_command_line(lowface, write_config, tmp_path: Path):
    content = json.loads(write_config().read_text())
    data = {"type": "rendered_faces", "size": 32, "identities": 2, "pictures": 2}
    config = {
        "head": {"type": "small_features"},
        "train_dataset": data,
        "max_iters": 1,
        "batch_size": content["batch_size"],
        "device": "cpu",
    }
    (tmp_path / "head.json").write_text(json.dumps(config))
    done = lowface("pretrain", "head.json", "--work-dir", "run", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["work_dir"] == "run"
    assert {"weights.safetensors", "record.json", "manifest.json", "config.py"} <= {
        p.name for p in (tmp_path / "run").iterdir()
    }
    check = lowface("describe", "small_features", "--kind", "head")
    assert check.code == 0


def test_a_config_without_a_head_says_what_is_missing(lowface, write_config):
    done = lowface("pretrain", write_config())
    assert done.code == 1
    assert done.err == "lowface: head: missing; lowface pretrain needs it\n"
