from __future__ import annotations

import json
from pathlib import Path


def test_training_from_the_command_line_ends_with_the_table(lowface, write_config, tmp_path: Path):
    said = lowface("train", write_config(judged=True))
    assert said.code == 0, said.err
    assert said.out.splitlines()[0] == "test set, by best.pth"
    assert said.out.splitlines()[1].split() == ["psnr"]
    assert "everything is in work_dirs/tiny" in said.out
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
    said = lowface("train", "tiny.yaml", "--work-dir", "run", "--amp", "--device", "cpu")
    assert said.code == 0, said.err
    assert "amp = True" in (tmp_path / "run" / "config.py").read_text()
