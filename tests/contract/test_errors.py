"""What a user can get wrong: one line on stderr that names it, exit 1, nothing half-written."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

Lowface = Callable[..., Any]
WriteConfig = Callable[..., Path]


def faces(root: Path, count: int = 4, size: int = 32) -> Path:
    """A folder in LaPa's layout: two identities, low-light pictures, parsing maps."""
    rng = np.random.default_rng(0)
    for folder in ("normal", "underexposed", "seg"):
        (root / folder).mkdir(parents=True)
    for number in range(count):
        key = f"person{number % 2}_{number}"
        picture = rng.integers(0, 256, (size, size, 3), dtype=np.uint8)
        Image.fromarray(picture).save(root / "normal" / f"{key}.jpg")
        Image.fromarray(picture // 4).save(root / "underexposed" / f"{key}.jpg")
        Image.fromarray(rng.integers(0, 11, (size, size), dtype=np.uint8)).save(root / "seg" / f"{key}.png")
    return root


def on_folder(root: Path, **keywords: Any) -> dict[str, Any]:
    return {"type": "lapa_face", "root": str(root), "contrast": True, **keywords}


def assert_refused(done: Any, part: str, folder: Path | None = None) -> None:
    """One line that says ``part``, exit 1, nothing on stdout, no work dir."""
    assert done.code == 1, done.err
    assert done.out == ""
    assert done.err.count("\n") == 1, done.err
    assert done.err.startswith("lowface: ")
    assert part in done.err
    if folder is not None:
        assert not folder.exists()


def heads(type: str, **keywords: Any) -> dict[str, Any]:
    return {"heads": {"features": {"type": type, **keywords}}}


def loss(type: str, **keywords: Any) -> dict[str, Any]:
    return {"losses": {"c": {"type": type, **keywords}}}


def data(root: str) -> dict[str, Any]:
    return {"train_dataset": on_folder(Path(root))}


HIHG = {"train_dataset": {"type": "rendered_faces", "degradation": {"type": "linear", "hihg": 1}}}
CONFIGS = [
    ({"btach_size": 3}, "btach_size: unknown config key; did you mean 'batch_size'?"),
    ({"enhancer": {"type": "retinx"}}, "enhancer.type: unknown enhancer 'retinx'; did you mean 'retinex'?"),
    (loss("color", wieght=2), "losses.c.wieght: loss 'color' takes no such keyword; did you mean 'weight'?"),
    (HIHG, "degradation.hihg: degradation 'linear' takes no such keyword; did you mean 'high'?"),
    (loss("perceptual"), "losses.c: reads 'features', which nobody supplies"),
    (data("gone"), "train_dataset: gone: no such folder"),
    (data("empty"), "train_dataset: empty: there is no folder normal/"),
    (data("bare"), "train_dataset: bare/normal: holds no pictures"),
    (data("{data_root}"), "train_dataset.root: needs data_root; add --cfg-options data_root=FOLDER"),
    (heads("small_features", weights="gone.pth"), "heads.features.weights: no file 'gone.pth'"),
    (heads("vgg16", weights="imagnet"), "no file 'imagnet'; weights with a name: imagenet; did you mean 'imagenet'?"),
    (heads("vgg16"), "heads.features.weights: missing; head 'vgg16' needs it (a file, or one of: imagenet)"),
    (heads("small_features", weights="corrupt.pth"), "heads.features: corrupt.pth: cannot be read as weights"),
    (heads("small_features", weights="other.pth"), "heads.features: other.pth: does not fit SmallFeatures: "),
    ({"device": "gpu"}, "device: 'gpu' is no device; use auto, cpu, cuda"),
    ({"device": "cuda:99"}, "device: 'cuda:99' is not on this machine"),
]


@pytest.mark.parametrize(("changes", "part"), CONFIGS)
def test_a_mistake_in_the_config_is_found_before_anything_is_written(
    lowface: Lowface, write_config: WriteConfig, tmp_path: Path, changes: dict[str, Any], part: str
):
    (tmp_path / "empty").mkdir()
    (tmp_path / "bare" / "normal").mkdir(parents=True)
    (tmp_path / "corrupt.pth").write_bytes(b"not weights")
    torch.save({"a": torch.zeros(1)}, tmp_path / "other.pth")
    before = sorted(tmp_path.rglob("*"))
    path = write_config(**changes)
    assert_refused(lowface("train", path, "--work-dir", "run"), part, tmp_path / "run")
    assert sorted(tmp_path.rglob("*")) == sorted([*before, path])


@pytest.mark.parametrize(
    ("option", "part"),
    [
        ("losses.color.wieght=2", "losses.color.wieght: loss 'color' takes no such keyword; did you mean 'weight'?"),
        ("max_itres=2", "max_itres: unknown config key; did you mean 'max_iters'?"),
        ("max_iters=many", "max_iters: must be an integer >= 1 or None, not 'many'"),
        ("losses.colr.weight=2", "losses.colr: --cfg-options losses.colr.weight=2: there is nothing to set inside it"),
        ("batch_size", "--cfg-options batch_size: write it as path.in.config=value"),
    ],
)
def test_a_mistake_in_an_option_is_too(
    lowface: Lowface, write_config: WriteConfig, tmp_path: Path, option: str, part: str
):
    done = lowface("train", write_config(), "--work-dir", "run", "--cfg-options", option)
    assert_refused(done, part, tmp_path / "run")


@pytest.mark.parametrize("command", ["train", "pretrain"])
@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("gone.py", None, "gone.py: no such config file"),
        ("broken.py", "lr = = 1", "broken.py, line 1: "),
        ("broken.json", "{", "broken.json: "),
        ("broken.yaml", "a: [", "broken.yaml: "),
        ("binary.py", "\0\0", "binary.py"),
    ],
)
def test_a_config_that_cannot_be_read_is_named(
    lowface: Lowface, tmp_path: Path, command: str, name: str, text: str | None, part: str
):
    if text is not None:
        (tmp_path / name).write_text(text)
    assert_refused(lowface(command, name), part, tmp_path / "work_dirs")


def test_a_work_dir_that_cannot_be_written_is_named(lowface: Lowface, write_config: WriteConfig, tmp_path: Path):
    (tmp_path / "file").write_text("precious")
    assert_refused(lowface("train", write_config(), "--work-dir", "file/run"), "cannot be written (Not a directory)")
    assert_refused(lowface("train", write_config(), "--work-dir", "file"), "cannot be written (")
    assert (tmp_path / "file").read_text() == "precious"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_work_dir_without_permission_is_named(lowface: Lowface, write_config: WriteConfig, tmp_path: Path):
    (tmp_path / "locked").mkdir(mode=0o500)
    done = lowface("train", write_config(), "--work-dir", "locked/run")
    assert_refused(done, "cannot be written (Permission denied)", tmp_path / "locked" / "run")


@pytest.mark.parametrize("words", [["--work-dir", "none", "--resume"], ["--resume"], ["--resume", "none/last.pth"]])
def test_there_must_be_something_to_resume(
    lowface: Lowface, write_config: WriteConfig, tmp_path: Path, words: list[str]
):
    path = write_config()
    assert_refused(
        lowface("train", path, *words), "resume" if words[-1] == "--resume" else "none/last.pth: no such weights file"
    )
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_truncated_picture_is_named_and_left_out_only_by_option(
    lowface: Lowface, write_config: WriteConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture, workers: int
):
    root = faces(tmp_path / "faces")
    broken = root / "normal" / "person1_3.jpg"
    broken.write_bytes(broken.read_bytes()[:-200])
    changes = {"train_dataset": on_folder(root), "num_workers": workers, "batch_size": 4}
    done = lowface("train", write_config(**changes), "--work-dir", "run")
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith(f"lowface: {broken}: the picture is broken or cut short")
    assert "Traceback" not in done.err
    assert not (tmp_path / "run" / "last.pth").exists()
    changes["train_dataset"] = on_folder(root, skip_unreadable=True)
    done = lowface("train", write_config(**changes), "--work-dir", "again")
    assert done.code == 0, done.err
    assert f"1 samples left out: {broken}: the picture is broken or cut short" in caplog.text


@pytest.mark.parametrize("fault", ["size", "class"])
def test_a_label_map_that_does_not_fit_is_named(
    lowface: Lowface, write_config: WriteConfig, tmp_path: Path, fault: str
):
    root = faces(tmp_path / "faces")
    path = root / "seg" / "person0_0.png"
    labels = np.zeros((32, 32), np.uint8) if fault == "class" else np.zeros((16, 32), np.uint8)
    labels[0, 0] = 11 if fault == "class" else 0
    Image.fromarray(labels).save(path)
    done = lowface("train", write_config(train_dataset=on_folder(root), batch_size=4), "--work-dir", "run")
    part = "holds class 11; the LaPa classes are 0 to 10" if fault == "class" else "is 32x16 pixels and its picture"
    assert done.code == 1
    (line,) = [line for line in done.err.splitlines() if line.startswith("lowface: ")]
    assert str(path) in line
    assert part in line


def test_the_process_itself_says_one_line_and_exits_with_one(process: Any, write_config: WriteConfig, tmp_path: Path):
    done = process("train", write_config(lerning_rate=1), "--work-dir", "run", cwd=tmp_path)
    assert_refused(done, "lerning_rate: unknown config key", tmp_path / "run")


def test_a_bare_state_dict_is_no_run_to_resume(lowface: Lowface, write_config: WriteConfig, tmp_path: Path):
    torch.save({"w": torch.zeros(1)}, tmp_path / "bare.pth")
    done = lowface("train", write_config(), "--resume", "bare.pth", "--work-dir", "run")
    assert_refused(done, "bare.pth: is not a checkpoint of a lowface run", tmp_path / "run")


def test_json_goes_to_stdout_alone(lowface: Lowface, write_config: WriteConfig):
    done = lowface("train", write_config(), "--work-dir", "run", "--json")
    assert json.loads(done.out)["work_dir"] == "run"
    assert "iteration 2/2" in done.err
