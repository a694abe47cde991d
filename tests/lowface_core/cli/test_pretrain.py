from __future__ import annotations

import json
from pathlib import Path


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
    said = lowface("pretrain", "head.json", "--work-dir", "run", "--json")
    assert said.code == 0, said.err
    assert json.loads(said.out)["work_dir"] == "run"
    assert {"weights.safetensors", "record.json", "manifest.json", "config.py"} <= {
        p.name for p in (tmp_path / "run").iterdir()
    }
    check = lowface("describe", "small_features", "--kind", "head")
    assert check.code == 0


def test_a_config_without_a_head_says_what_is_missing(lowface, write_config):
    said = lowface("pretrain", write_config())
    assert said.code == 1
    assert said.err == "lowface: head: missing; lowface pretrain needs it\n"
