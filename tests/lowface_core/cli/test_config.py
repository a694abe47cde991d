from __future__ import annotations

import json
from pathlib import Path

import pytest

import lowface_core as lf
from lowface_core.config.load import read, shipped


def test_list_shows_every_shipped_config_with_its_title(lowface):
    rows = json.loads(lowface("config", "list", "--json").out)
    assert set(rows) == set(shipped())
    assert rows["lowfacenet"].startswith("Low-FaceNet on rendered faces")
    assert "lowfacenet" in lowface("config", "list").out


def test_show_prints_a_config_that_reads_back(lowface, write_config, tmp_path: Path):
    path = write_config()
    done = lowface("config", "show", path, "--cfg-options", "lr=0.5", "losses.color.weight=2", "--json")
    content = json.loads(done.out)
    assert (content["lr"], content["losses"]["color"]["weight"], content["accumulate"]) == (0.5, 2, 1)
    (tmp_path / "shown.py").write_text(
        lowface("config", "show", path, "--cfg-options", "lr=0.5", "losses.color.weight=2").out
    )
    plugins = content.pop("_plugins")
    assert read(str(tmp_path / "shown.py")) == content
    assert plugins["enhancer"] == {
        "kind": "enhancer",
        "type": "retinex",
        "plugin": "lowface:retinex",
        "version": lf.__version__,
        "error": None,
    }
    (tmp_path / "shown.json").write_text(done.out)
    assert read(str(tmp_path / "shown.json")) == content


def test_show_names_the_plugin_of_each_part(lowface, write_config):
    lines = lowface("config", "show", write_config()).out.splitlines()
    assert f'    color=dict(type="color", weight=0.5),  # lowface:fidelity {lf.__version__}' in lines
    assert any(line.startswith("    degradation=") and "# lowface:data" in line for line in lines)
    done = lowface("config", "show", "lowfacenet", "--cfg-options", "losses.color.type=colr")
    assert done.code == 0
    assert "# no plugin: losses.color.type: unknown loss 'colr'; did you mean 'color'?" in done.out


def test_show_prints_the_schema_with_or_without_a_config(lowface):
    done = lowface("config", "show", "--schema")
    assert done.code == 0, done.err
    assert json.loads(done.out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert lowface("config", "show", "lowfacenet", "--schema").out == done.out
    without = lowface("config", "show")
    assert without.code == 2
    assert "Say which config, or --schema." in without.err


def test_check_tells_everything_at_once(lowface):
    options = ["losses.color.typo=1", "max_itres=3", "heads.features.type=vgg", "heads.face.encoder.weights=gone.pth"]
    done = lowface("config", "check", "lowfacenet_paper", "--cfg-options", *options, "lr=fast", "loses.color.a=1")
    assert done.code == 1
    lines = done.err.removeprefix("lowface: ").splitlines()
    for start in (
        "max_itres: unknown config key; did you mean 'max_iters'?",
        "loses: unknown config key; did you mean 'losses'?",
        "lr: must be a number >= 0, not 'fast'",
        "heads.parser.weights: needs weights_root; add --cfg-options weights_root=FOLDER",
        "train_dataset.root: needs data_root",
        "heads.features.type: unknown head 'vgg'; did you mean 'vgg16'?",
        "heads.face.encoder.weights: no file 'gone.pth'",
        "losses.color.typo: loss 'color' takes no such keyword",
    ):
        assert [line for line in lines if line.startswith(start)], start
    assert len(lines) == len(set(lines))


def test_copy_never_overwrites_and_needs_no_base(lowface, tmp_path: Path):
    assert lowface("config", "copy", "lowfacenet").out == "copied to lowfacenet.py\n"
    assert read(str(tmp_path / "lowfacenet.py")) == read("lowfacenet")
    again = lowface("config", "copy", "lowfacenet")
    assert (again.code, again.err) == (1, "lowface: lowfacenet.py: exists; give another target\n")
    assert lowface("config", "copy", "lowfacenet", "mine.py").code == 0
    assert lowface("config", "copy", "ablations/no_face").out == "copied to no_face.py\n"
    assert read(str(tmp_path / "no_face.py")) == read("ablations/no_face")
    assert (tmp_path / "no_face.py").read_text().startswith('"""Ablation: no L_face')


@pytest.mark.parametrize("content", [b"\x80\x81PK", b"\xff\xfea"])
def test_copy_of_something_else_is_one_line(lowface, tmp_path: Path, content: bytes):
    (tmp_path / "last.pth").write_bytes(content)
    done = lowface("config", "copy", "last.pth", "mine.py")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert done.err.startswith("lowface: last.pth: is no config, but something else")
    assert not (tmp_path / "mine.py").exists()


def test_check_says_so_when_there_is_no_fault(lowface, write_config):
    assert lowface("config", "check", write_config()).out.endswith("no fault found\n")
