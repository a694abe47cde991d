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
from lowface_core.errors import DataError
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


def refused(root: Path, *parts: object, index: int | None = None, **arguments: object) -> None:
    """The data set, or one of its samples, is refused in one line that holds the parts."""
    with pytest.raises(DataError) as caught:
        LapaFace(root, **arguments)[0 if index is None else index]
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert str(part) in message


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def test_missing_folders(tmp_path: Path) -> None:
    root = tmp_path / "bare"
    refused(root, root, "no such folder", "normal/<identity>_<n>.jpg")
    root.mkdir()
    refused(root, root, "no folder normal/")
    (root / "normal").mkdir()
    refused(root, root / "normal", "holds no pictures")


def test_faults_of_the_split_file(tree: Path) -> None:
    file = tree / "split.json"
    file.write_text(json.dumps({"train": ["ann_0"], "test": ["bob_0"]}))
    refused(tree, file, "'tset'", "did you mean 'test'", "it has test, train", split="tset")
    file.write_text(json.dumps({"train": ["ann_0", "ann_7", "dan_0"]}))
    refused(tree, file, "'ann_7'", tree / "normal", "1 more")
    file.write_text(json.dumps({"train": ["ann_0.jpg"]}))
    refused(tree, "did you mean 'ann_0'", "without their ending")
    for content in ("", "{", "[]", '{"train": "ann_0"}', '{"train": [1]}', '{"train": []}'):
        file.write_text(content)
        refused(tree, file)


@pytest.mark.parametrize(("folder", "what"), [("seg", "label map"), ("underexposed", "low-light picture")])
def test_missing_partner(tree: Path, folder: str, what: str) -> None:
    next((tree / folder).glob("bob_0.*")).unlink()
    refused(tree, tree / folder, what, "'bob_0'")


def test_names(tree: Path) -> None:
    nameless, twin = tree / "normal" / "portrait.jpg", tree / "normal" / "ann" / "ann_0.png"
    write_image(nameless, np.zeros((3, 4, 4)))
    refused(tree, nameless, "<identity>_<n>")
    nameless.unlink()
    write_image(twin, np.zeros((3, 4, 4)))
    refused(tree, twin, tree / "normal" / "ann_0.jpg")


@pytest.mark.parametrize("size", [None, 8])
def test_map_of_another_size(tree: Path, size: int | None) -> None:
    Image.fromarray(np.ones((24, 16), np.uint8)).save(tree / "seg" / "ann_1.png")
    data = LapaFace(tree, size=size)
    data[0]
    for _ in range(2):  # the faulty map is not kept
        with pytest.raises(DataError, match=r"seg/ann_1\.png is 16x24 .*normal/ann_1\.jpg is 24x16"):
            data[1]
    refused(tree, "ann_1.png", size=size, skip_unreadable=True)


def test_low_light_picture_of_another_size(tree: Path) -> None:
    write_image(tree / "underexposed" / "ann_0.jpg", np.zeros((3, 16, 16)))
    refused(tree, tree / "underexposed" / "ann_0.jpg", tree / "normal" / "ann_0.jpg", "16x16", "24x16", size=8)


def test_class_above_ten(tree: Path) -> None:
    labels = np.ones((16, 24), np.uint8)
    labels[3, :2] = 18
    Image.fromarray(labels).save(tree / "seg" / "bob_0.png")
    # the wrong pixels would vanish at this size
    refused(tree, tree / "seg" / "bob_0.png", "class 18", "0 to 10", index=2, size=4)


@pytest.mark.parametrize("folder", ["normal", "underexposed", "seg"])
def test_broken_files_are_named_when_read_or_left_out_with_one_warning(
    tree: Path, folder: str, caplog: pytest.LogCaptureFixture
) -> None:
    broken = [next((tree / folder).glob(f"{key}.*")) for key in ("ann_1", "bob_0")]
    cut(broken[0])
    broken[1].write_bytes(b"")
    LapaFace(tree, size=8)[0]
    refused(tree, broken[0], index=1, size=8)
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
    refused(tree, tree, "nothing is left", "ann_0.jpg", skip_unreadable=True)
