from __future__ import annotations

import json
from pathlib import Path

from lowface_core.config.load import read, shipped


def test_list_shows_every_shipped_config_with_its_title(lowface):
    rows = json.loads(lowface("config", "list", "--json").out)
    assert set(rows) == set(shipped())
    assert rows["lowfacenet"].startswith("Low-FaceNet on rendered faces")
    assert "lowfacenet" in lowface("config", "list").out


def test_show_prints_a_config_that_reads_back(lowface, write_config, tmp_path: Path):
    path = write_config()
    said = lowface("config", "show", path, "--cfg-options", "lr=0.5", "losses.color.weight=2", "--json")
    content = json.loads(said.out)
    assert (content["lr"], content["losses"]["color"]["weight"], content["accumulate"]) == (0.5, 2, 1)
    (tmp_path / "shown.py").write_text(
        lowface("config", "show", path, "--cfg-options", "lr=0.5", "losses.color.weight=2").out
    )
    assert read(str(tmp_path / "shown.py")) == content


def test_copy_never_overwrites(lowface, tmp_path: Path):
    assert lowface("config", "copy", "lowfacenet").out == "copied to lowfacenet.py\n"
    assert read(str(tmp_path / "lowfacenet.py")) == read("lowfacenet")
    again = lowface("config", "copy", "lowfacenet")
    assert (again.code, again.err) == (1, "lowface: lowfacenet.py: exists; give another target\n")
    assert lowface("config", "copy", "lowfacenet", "mine.py").code == 0


def test_check_says_so_or_tells_every_fault(lowface, write_config):
    assert lowface("config", "check", write_config()).out.endswith("no fault found\n")
    path = write_config(heads={"vgg": {"type": "small_features", "weights": "gone.pth"}})
    said = lowface("config", "check", path)
    assert said.code == 1
    assert said.err.startswith("lowface: heads.vgg.weights: no file 'gone.pth'")
    said = lowface("config", "check", path, "--cfg-options", "batchsize=1")
    assert said.err.startswith("lowface: batchsize: unknown config key; did you mean 'batch_size'?")


def test_an_unknown_name_is_one_line(lowface):
    said = lowface("config", "show", "lowfacent")
    assert said.code == 1
    assert "did you mean 'lowfacenet'?" in said.err


def test_a_copy_needs_no_base(lowface, tmp_path: Path):
    assert lowface("config", "copy", "ablations/no_face").out == "copied to no_face.py\n"
    assert read(str(tmp_path / "no_face.py")) == read("ablations/no_face")
    assert (tmp_path / "no_face.py").read_text().startswith('"""Ablation: no L_face')
