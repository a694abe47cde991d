"""Where results go: by format and suffix, in parts, and never onto an input or another result."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lowface_core.cli.enhance_plan import Naming, planned, shard_of
from lowface_core.errors import LowfaceError

GAIN = ["--checkpoint", "gain", "--device", "cpu", "--enhancer-options", "factor=1.5"]


def pictures(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        levels = np.random.default_rng(1).integers(0, 80, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(levels).save(folder / name)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ("png", ["a.PNG", "b.png", "c.png", "sub/d.png"]),
        ("jpg", ["a.jpg", "b.jpeg", "c.jpg", "sub/d.jpg"]),
        ("webp", ["a.webp", "b.webp", "c.webp", "sub/d.webp"]),
        ("tiff", ["a.tiff", "b.tiff", "c.tif", "sub/d.tiff"]),
    ],
)
def test_the_format_is_the_one_asked_for(lowface, tmp_path: Path, form: str, names: list[str]) -> None:
    pictures(tmp_path / "in", "a.PNG", "b.jpeg", "c.tif", "sub/d.webp")
    done = lowface("enhance", "in", "-o", "out", "--format", form, *GAIN)
    assert done.code == 0, done.err
    assert files(tmp_path / "out") == names
    for name in names:
        with Image.open(tmp_path / "out" / name) as picture:
            assert picture.format == {"jpg": "JPEG"}.get(form, form.upper())


def test_quality_and_suffix(lowface, tmp_path: Path) -> None:
    pictures(tmp_path / "in", "a.png", "b.jpg")
    for quality in (10, 95):
        words = ["--format", "jpg", "--quality", str(quality), "--suffix", "_bright"]
        assert lowface("enhance", "in", "-o", f"q{quality}", *words, *GAIN).code == 0
        assert files(tmp_path / f"q{quality}") == ["a_bright.jpg", "b_bright.jpg"]
    sizes = [(tmp_path / folder / "a_bright.jpg").stat().st_size for folder in ("q10", "q95")]
    assert sizes[0] < sizes[1]
    assert lowface("enhance", "in", "-o", "default", "--format", "jpg", *GAIN).code == 0
    assert (tmp_path / "default" / "a.jpg").read_bytes() == (tmp_path / "q95" / "a_bright.jpg").read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["in", "-o", "out", "--quality", "90"], "--quality 90: no result is a JPEG or WebP file"),
        (["in", "-o", "out", "--suffix", "x/y"], "--suffix 'x/y': is part of a file's name"),
        (["in/a.png", "-o", "x.png", "--suffix", "_x"], "--suffix _x: is for folders"),
        (["in/a.png", "-o", "x.png", "--format", "jpg"], "--format jpg: x.png has the ending of another"),
        (["twins", "-o", "out", "--format", "png"], "out/a.png: would be the result of twins/a.jpg and of twins/a.png"),
    ],
)
def test_mistakes_are_one_line(lowface, tmp_path: Path, words: list[str], message: str) -> None:
    pictures(tmp_path / "in", "a.png")
    pictures(tmp_path / "twins", "a.jpg", "a.png")
    done = lowface("enhance", *words, *GAIN)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert done.err.startswith(f"lowface: {message}")
    assert not (tmp_path / "out").exists()
    assert lowface("enhance", "in", "-o", "out", "--shard", "17/16", *GAIN).code == 2


def test_twins_keep_their_formats_where_none_is_asked_for(lowface, tmp_path: Path) -> None:
    pictures(tmp_path / "in", "a.jpg", "a.png")
    assert lowface("enhance", "in", "-o", "out", *GAIN).code == 0
    assert files(tmp_path / "out") == ["a.jpg", "a.png"]


def test_results_beside_their_pictures_are_not_taken_for_pictures(lowface, tmp_path: Path) -> None:
    pictures(tmp_path / "in", "a.png", "sub/b.jpg")
    before = {name: (tmp_path / "in" / name).read_bytes() for name in files(tmp_path / "in")}
    words = ["enhance", "in", "-o", "in", "--suffix", "_bright", *GAIN]
    assert lowface(*words).code == 0
    assert files(tmp_path / "in") == ["a.png", "a_bright.png", "sub/b.jpg", "sub/b_bright.jpg"]
    assert lowface(*words).code == 1
    assert json.loads(lowface(*words, "--skip-existing", "--json").out)["written"] == []
    assert lowface(*words, "--overwrite").code == 0
    assert files(tmp_path / "in") == ["a.png", "a_bright.png", "sub/b.jpg", "sub/b_bright.jpg"]
    assert {name: (tmp_path / "in" / name).read_bytes() for name in before} == before


def test_another_format_inside_the_input_folder(lowface, tmp_path: Path) -> None:
    pictures(tmp_path / "in", "a.png", "sub/b.png")
    words = ["enhance", "in", "-o", "in/out", "--format", "jpg", *GAIN]
    assert lowface(*words).code == 0
    again = lowface(*words, "--skip-existing")
    assert (again.code, again.err) == (0, "")
    assert files(tmp_path / "in") == ["a.png", "out/a.jpg", "out/sub/b.jpg", "sub/b.png"]


def test_pictures_that_may_only_be_read_give_results_that_may_be_written(lowface, tmp_path: Path) -> None:
    pictures(tmp_path / "in", "dark.png")
    Image.new("RGB", (8, 8), "white").save(tmp_path / "in" / "bright.png")
    for path in (tmp_path / "in").iterdir():
        path.chmod(0o444)
    (tmp_path / "in").chmod(0o555)
    try:
        assert lowface("enhance", "in", "-o", "out", "--only-if-dark", "0.5", *GAIN).code == 0
    finally:
        (tmp_path / "in").chmod(0o755)
    assert all(path.stat().st_mode & 0o200 for path in (tmp_path / "out").iterdir())
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_links_lead_to_pictures_and_no_result_goes_through_one(lowface, tmp_path: Path) -> None:
    pictures(tmp_path / "elsewhere", "a.png")
    pictures(tmp_path / "in", "own.png")
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "elsewhere" / "a.png")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "gone.png").symlink_to(tmp_path / "nothing.png")
    (tmp_path / "precious.png").write_bytes(b"precious")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "own.png").symlink_to(tmp_path / "precious.png")
    os.link(tmp_path / "in" / "own.png", tmp_path / "out" / "link.png")
    before = (tmp_path / "in" / "own.png").read_bytes()
    done = lowface("enhance", "in", "-o", "out", "--overwrite", *GAIN)
    assert done.code == 1
    assert done.err == "lowface: in/gone.png: no such file\n"
    assert files(tmp_path / "out") == ["folder/a.png", "link.png", "own.png"]
    assert (tmp_path / "precious.png").read_bytes() == b"precious"
    assert (tmp_path / "in" / "own.png").read_bytes() == before
    assert not (tmp_path / "out" / "own.png").is_symlink()


def test_shards_cover_everything_once_and_stay_when_pictures_come(tmp_path: Path) -> None:
    names = [f"{folder}/{number}.png" for folder in ("a", "b/c", "ü") for number in range(40)]
    for name in names:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).touch()

    def parts() -> list[set[str]]:
        found = (planned(tmp_path / "in", tmp_path / "out", Naming(), (k, 16)) for k in range(1, 17))
        return [{path.relative_to(tmp_path / "in").as_posix() for path, _ in part} for part in found]

    first = parts()
    assert sorted(name for part in first for name in part) == sorted(names)
    assert sum(len(part) > 0 for part in first) == 16
    (tmp_path / "in" / "0.png").touch()
    assert all(old <= new for old, new in zip(first, parts(), strict=True))
    assert [shard_of(Path("a/0.png"), count) for count in (1, 4, 16)] == [1, 1, 9]  # for ever


def test_shards_write_what_one_run_writes(lowface, tmp_path: Path) -> None:
    pictures(tmp_path / "in", *(f"{number}.png" for number in range(7)))
    assert lowface("enhance", "in", "-o", "whole", *GAIN).code == 0
    for k in (1, 2, 3):
        assert lowface("enhance", "in", "-o", "parts", "--shard", f"{k}/3", *GAIN).code == 0
    assert files(tmp_path / "parts") == files(tmp_path / "whole")
    for name in files(tmp_path / "whole"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    with pytest.raises(LowfaceError, match="no such picture"):
        planned(tmp_path / "gone", tmp_path / "out", Naming(), (1, 2))
