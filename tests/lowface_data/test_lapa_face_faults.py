"""What a LaPa-Face folder says about missing, broken and inconsistent files: one line, the path, the cure."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lowface_core.data.images import write_image
from lowface_core.errors import ConfigError, DataError
from lowface_data.folders.lapa_face import LapaFace

KEYS = ("ann_0", "ann_1", "bob_0")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    (tmp_path / "seg").mkdir()
    for key in KEYS:
        write_image(tmp_path / "normal" / f"{key}.jpg", rng.random((3, 16, 24)))
        write_image(tmp_path / "underexposed" / f"{key}.jpg", rng.random((3, 16, 24)) / 4)
        Image.fromarray(np.ones((16, 24), np.uint8)).save(tmp_path / "seg" / f"{key}.png")
    return tmp_path


def line(caught: pytest.ExceptionInfo[DataError], *parts: object) -> str:
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert str(part) in message
    return message


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def test_missing_folders(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        LapaFace(tmp_path / "nowhere")
    line(caught, tmp_path / "nowhere", "no such folder", "normal/<identity>_<n>.jpg")
    (tmp_path / "bare").mkdir()
    with pytest.raises(DataError) as caught:
        LapaFace(tmp_path / "bare")
    line(caught, tmp_path / "bare", "no folder normal/")
    (tmp_path / "bare" / "normal").mkdir()
    with pytest.raises(DataError) as caught:
        LapaFace(tmp_path / "bare")
    line(caught, tmp_path / "bare" / "normal", "holds no pictures")


def test_unknown_split_lists_those_there_are(tree: Path) -> None:
    (tree / "split.json").write_text(json.dumps({"train": ["ann_0"], "test": ["bob_0"]}))
    with pytest.raises(DataError) as caught:
        LapaFace(tree, split="tset")
    line(caught, tree / "split.json", "'tset'", "did you mean 'test'", "it has test, train")


def test_split_key_without_picture(tree: Path) -> None:
    (tree / "split.json").write_text(json.dumps({"train": ["ann_0", "ann_7", "dan_0"]}))
    with pytest.raises(DataError) as caught:
        LapaFace(tree)
    line(caught, tree / "split.json", "'ann_7'", tree / "normal", "1 more")
    (tree / "split.json").write_text(json.dumps({"train": ["ann_0.jpg"]}))
    with pytest.raises(DataError) as caught:
        LapaFace(tree)
    line(caught, "did you mean 'ann_0'", "without their ending")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"train": "ann_0"}', '{"train": [1]}', '{"train": []}'])
def test_malformed_split_file(tree: Path, content: str) -> None:
    (tree / "split.json").write_text(content)
    with pytest.raises(DataError) as caught:
        LapaFace(tree)
    line(caught, tree / "split.json")


@pytest.mark.parametrize(("folder", "what"), [("seg", "label map"), ("underexposed", "low-light picture")])
def test_missing_partner(tree: Path, folder: str, what: str) -> None:
    next((tree / folder).glob("bob_0.*")).unlink()
    with pytest.raises(DataError) as caught:
        LapaFace(tree)
    line(caught, tree / folder, what, "'bob_0'")


def test_name_without_identity(tree: Path) -> None:
    write_image(tree / "normal" / "portrait.jpg", np.zeros((3, 4, 4)))
    with pytest.raises(DataError) as caught:
        LapaFace(tree)
    line(caught, tree / "normal" / "portrait.jpg", "<identity>_<n>")


def test_two_files_of_one_key(tree: Path) -> None:
    write_image(tree / "normal" / "ann" / "ann_0.png", np.zeros((3, 4, 4)))
    with pytest.raises(DataError) as caught:
        LapaFace(tree)
    line(caught, tree / "normal" / "ann" / "ann_0.png", tree / "normal" / "ann_0.jpg")


@pytest.mark.parametrize("size", [None, 8])
def test_map_of_another_size(tree: Path, size: int | None) -> None:
    Image.fromarray(np.ones((24, 16), np.uint8)).save(tree / "seg" / "ann_1.png")
    data = LapaFace(tree, size=size)
    data[0]
    with pytest.raises(DataError) as caught:
        data[1]
    line(caught, tree / "seg" / "ann_1.png", tree / "normal" / "ann_1.jpg", "16x24", "24x16")
    with pytest.raises(DataError):  # the faulty map was not kept
        data[1]
    with pytest.raises(DataError, match=r"ann_1\.png"):
        LapaFace(tree, size=size, skip_unreadable=True)


def test_low_light_picture_of_another_size(tree: Path) -> None:
    write_image(tree / "underexposed" / "ann_0.jpg", np.zeros((3, 16, 16)))
    with pytest.raises(DataError) as caught:
        LapaFace(tree, size=8)[0]
    line(caught, tree / "underexposed" / "ann_0.jpg", tree / "normal" / "ann_0.jpg", "16x16", "24x16")


def test_class_above_ten(tree: Path) -> None:
    labels = np.ones((16, 24), np.uint8)
    labels[3, :2] = 18
    Image.fromarray(labels).save(tree / "seg" / "bob_0.png")
    with pytest.raises(DataError) as caught:
        LapaFace(tree, size=4)[2]  # the wrong pixels would vanish at this size
    line(caught, tree / "seg" / "bob_0.png", "class 18", "0 to 10")


@pytest.mark.parametrize("folder", ["normal", "underexposed", "seg"])
def test_truncated_file_is_named_when_read(tree: Path, folder: str) -> None:
    broken = next((tree / folder).glob("ann_1.*"))
    cut(broken)
    data = LapaFace(tree, size=8)
    data[0]
    with pytest.raises(DataError) as caught:
        data[1]
    line(caught, broken)


@pytest.mark.parametrize("folder", ["normal", "underexposed", "seg"])
def test_skip_unreadable_leaves_samples_out_with_one_warning(
    tree: Path, folder: str, caplog: pytest.LogCaptureFixture
) -> None:
    broken = [next((tree / folder).glob(f"{key}.*")) for key in ("ann_1", "bob_0")]
    cut(broken[0])
    broken[1].write_bytes(b"")
    data = LapaFace(tree, skip_unreadable=True)
    assert [data[i]["key"] for i in range(len(data))] == ["ann_0"]
    assert data.identities == ("ann",)
    assert len(caplog.records) == 1
    for path in broken:
        assert str(path) in caplog.text


def test_skip_unreadable_is_silent_when_all_is_well(tree: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert len(LapaFace(tree, skip_unreadable=True)) == 3
    assert not caplog.records


def test_skip_unreadable_shows_how_far_it_is_on_a_terminal(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")  # rich draws no bar on a dumb one
    for side in ("high", "low"):
        for name in ("a", "b"):
            write_image(tree / "Contrast" / side / f"{name}.png", np.ones((3, 16, 24)))
    LapaFace(tree, contrast=True, skip_unreadable=True)
    assert "looking for unreadable files" in screen.getvalue()
    assert "3/3" in screen.getvalue()
    assert "2/2" in screen.getvalue()


def test_skip_unreadable_covers_contrast_pictures(tree: Path, caplog: pytest.LogCaptureFixture) -> None:
    for side, names in (("high", ("a", "b")), ("low", ("c",))):
        for name in names:
            write_image(tree / "Contrast" / side / f"{name}.png", np.ones((3, 16, 24)))
    cut(tree / "Contrast" / "high" / "a.png")
    data = LapaFace(tree, contrast=True, skip_unreadable=True)
    assert all(data.item(0, np.random.default_rng(s))["positive"].min() == 1 for s in range(8))
    assert "a.png" in caplog.text
    cut(tree / "Contrast" / "low" / "c.png")
    with pytest.raises(DataError, match="nothing is left"):
        LapaFace(tree, contrast=True, skip_unreadable=True)


def test_nothing_readable(tree: Path) -> None:
    for path in (tree / "normal").iterdir():
        cut(path)
    with pytest.raises(DataError) as caught:
        LapaFace(tree, skip_unreadable=True)
    line(caught, tree, "nothing is left", "ann_0.jpg")


@pytest.mark.parametrize("arguments", [{"size": 0}, {"size": "64"}, {"size": True}, {"limit": 0}, {"limit": 2.5}])
def test_bad_arguments(tree: Path, arguments: dict) -> None:
    (name,) = arguments
    with pytest.raises(ConfigError, match=f"lapa_face: {name} is"):
        LapaFace(tree, **arguments)
