from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import save_file

import lowface_core as lf
from lowface_core.cli.enhance import enhance
from lowface_core.data.decoding import MAX_PIXELS


@pytest.fixture
def checkpoint(tmp_path: Path) -> list[Any]:
    """Words that name an untrained enhancer."""
    save_file(lf.build("enhancer", "retinex").state_dict(), tmp_path / "net.safetensors")
    return ["--checkpoint", "net.safetensors", "--enhancer", "retinex", "--device", "cpu"]


def picture(path: Path, size: tuple[int, int] = (5, 4), mode: str = "RGB") -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    levels = np.random.default_rng(1).integers(0, 80, (size[1], size[0], 4), dtype=np.uint8)
    image = Image.fromarray(levels)
    (image.quantize(8) if mode == "P" else image.convert(mode)).save(path)
    return path.read_bytes()


def test_any_picture_of_any_size_is_done_with_its_name_and_folder(lowface, checkpoint: list[Any], tmp_path: Path):
    sizes = {"a.png": (1, 1), "b.PNG": (1, 7), "sub/c.png": (33, 17), "sub/deep/d.png": (7, 1)}
    modes = {
        "grey.png": "L",
        "rgba.png": "RGBA",
        "palette.png": "P",
        "one_bit.png": "1",
        "photo.jpg": "RGB",
        "la.png": "LA",
    }
    before = {name: picture(tmp_path / "in" / name, size) for name, size in sizes.items()}
    before |= {name: picture(tmp_path / "in" / name, (9, 6), mode) for name, mode in modes.items()}
    (tmp_path / "in" / "notes.txt").write_text("not a picture")
    done = lowface("enhance", "in", "-o", "out", *checkpoint, "--json")
    assert done.code == 0, done.err
    assert sorted(json.loads(done.out)["written"]) == sorted(f"out/{name}" for name in before)
    for name, content in before.items():
        assert (tmp_path / "in" / name).read_bytes() == content
        with Image.open(tmp_path / "out" / name) as image:
            assert image.size == sizes.get(name, (9, 6)), name
            grey = {"grey.png": "L", "one_bit.png": "L", "la.png": "LA"}
            assert image.mode == {**grey, "rgba.png": "RGBA", "palette.png": "RGBA"}.get(name, "RGB")


def test_the_answer_of_the_command_is_that_of_the_library(lowface, checkpoint: list[Any], tmp_path: Path):
    picture(tmp_path / "in.png", (33, 17))
    assert lowface("enhance", "in.png", "-o", "out.png", *checkpoint).code == 0
    network = lf.load_enhancer(tmp_path / "net.safetensors", {"type": "retinex"})
    with Image.open(tmp_path / "out.png") as image:
        assert np.array_equal(np.asarray(image), lf.enhance(tmp_path / "in.png", network))


def test_keywords_of_the_enhancer_are_given_with_a_state_dict(lowface, tmp_path: Path):
    picture(tmp_path / "in.png")
    save_file(lf.build("enhancer", "retinex", channels=8).state_dict(), tmp_path / "net.safetensors")
    words = ["enhance", "in.png", "-o", "out.png", "--checkpoint", "net.safetensors", "--enhancer", "retinex"]
    assert "does not fit enhancer 'retinex'" in lowface(*words).err
    assert lowface(*words, "--enhancer-options", "channels=8").code == 0


@pytest.mark.parametrize(
    ("source", "output"),
    [("in", "in"), ("in", "in/../in"), ("in/a.png", "in"), ("in/a.png", "in/a.png"), ("in", "link")],
)
def test_the_input_is_never_overwritten(lowface, checkpoint: list[Any], tmp_path: Path, source: str, output: str):
    before = picture(tmp_path / "in" / "a.png")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    done = lowface("enhance", source, "-o", output, *checkpoint, "--overwrite")
    assert done.code == 1
    assert "would overwrite its input; give another folder with -o" in done.err
    assert done.err.count("\n") == 1
    assert (tmp_path / "in" / "a.png").read_bytes() == before
    assert [p.name for p in (tmp_path / "in").iterdir()] == ["a.png"]


def test_what_exists_is_refused_skipped_or_replaced(lowface, checkpoint: list[Any], tmp_path: Path):
    picture(tmp_path / "in" / "a.png")
    picture(tmp_path / "in" / "b.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png").write_bytes(b"precious")
    done = lowface("enhance", "in", "-o", "out", *checkpoint)
    assert (done.code, done.err) == (1, "lowface: out/a.png: exists (1 in all); add --overwrite or --skip-existing\n")
    assert not (tmp_path / "out" / "b.png").exists()
    assert lowface("enhance", "in", "-o", "out", *checkpoint, "--skip-existing").code == 0
    assert (tmp_path / "out" / "a.png").read_bytes() == b"precious"
    assert (tmp_path / "out" / "b.png").is_file()
    assert lowface("enhance", "in", "-o", "out", *checkpoint, "--overwrite").code == 0
    assert (tmp_path / "out" / "a.png").read_bytes() != b"precious"


def test_broken_pictures_are_named_the_others_done_and_the_exit_code_says_so(
    lowface, checkpoint: list[Any], tmp_path: Path
):
    whole = picture(tmp_path / "in" / "a.jpg", (64, 64))
    (tmp_path / "in" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "in" / "empty.png").write_bytes(b"")
    (tmp_path / "in" / "text.png").write_text("hello")
    picture(tmp_path / "in" / "z.png")
    done = lowface("enhance", "in", "-o", "out", *checkpoint)
    assert done.code == 1
    assert [line.split(":")[1].strip() for line in done.err.splitlines()] == [
        "in/cut.jpg",
        "in/empty.png",
        "in/text.png",
    ]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a.jpg", "z.png"]
    assert done.out == "2 pictures written to out, 3 failed\n"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["gone", "-o", "out"], "lowface: gone: no such picture or folder\n"),
        (["nothing", "-o", "out"], "lowface: nothing: holds no pictures ("),
        (["in", "-o", "file.png"], "lowface: file.png: is a file; give a folder with -o\n"),
        (["in", "-o", "out", "--checkpoint", "gone.pth"], "lowface: gone.pth: no such checkpoint or work dir\n"),
        (
            ["in", "-o", "out", "--checkpoint", "nothing"],
            "lowface: nothing: holds no checkpoint (best.pth or last.pth)\n",
        ),
        (["in", "-o", "out", "--checkpoint", "in/a.png"], "lowface: in/a.png: cannot be read as weights ("),
        (["in", "-o", "out", "--device", "gpu"], "lowface: device: 'gpu' is no device; use auto"),
        (
            ["in", "-o", "out", "--enhancer", "retinx"],
            "lowface: enhancer.type: unknown enhancer 'retinx'; did you mean 'retinex'?",
        ),
    ],
)
def test_mistakes_are_one_line_and_write_nothing(
    lowface, checkpoint: list[Any], tmp_path: Path, words: list[str], part: str
):
    picture(tmp_path / "in" / "a.png")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "file.png").write_bytes(b"")
    done = lowface("enhance", *checkpoint, *words)
    assert done.code == 1
    assert done.err.startswith(part)
    assert done.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_output_that_cannot_be_written_is_named_without_a_traceback(lowface, checkpoint: list[Any], tmp_path: Path):
    picture(tmp_path / "in" / "a.png")
    (tmp_path / "file").write_text("")
    done = lowface("enhance", "in", "-o", "file/out", *checkpoint)
    assert done.code == 1
    assert "file/out" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("output", ["in/out", "in/sub/deep", "in/../in/out", "link/out"])
def test_an_output_inside_the_input_holds_results_not_inputs(
    lowface, checkpoint: list[Any], tmp_path: Path, output: str
):
    for name in ("a.png", "sub/b.png"):
        picture(tmp_path / "in" / name)
    (tmp_path / "link").symlink_to(tmp_path / "in")
    words = ["enhance", "in", "-o", output, *checkpoint, "--json"]
    first = lowface(*words)
    assert first.code == 0, first.err
    files = {path for path in (tmp_path / "in").rglob("*") if path.is_file()}
    assert len(files) == 4
    assert lowface(*words).code == 1
    assert json.loads(lowface(*words, "--skip-existing").out)["written"] == []
    again = lowface(*words, "--overwrite")
    assert (again.code, again.err) == (0, "")
    assert json.loads(again.out) == json.loads(first.out)
    assert {path for path in (tmp_path / "in").rglob("*") if path.is_file()} == files
    picture(tmp_path / "in" / "c.png")
    assert len(json.loads(lowface(*words, "--skip-existing").out)["written"]) == 1
    (tmp_path / "in" / "a.png").unlink()
    assert "1 pictures there are taken for results" in lowface(*words, "--skip-existing").err


def test_a_folder_around_the_input_may_take_the_output(lowface, checkpoint: list[Any], tmp_path: Path):
    picture(tmp_path / "all" / "in" / "a.png")
    assert lowface("enhance", "all/in", "-o", "all", *checkpoint).code == 0
    assert (tmp_path / "all" / "a.png").is_file()


@pytest.mark.parametrize("output", ["x.heic", "x.gif", "sub/x.AVIF", "x.dng", "x.pdf"])
@pytest.mark.parametrize("source", ["in", "in/a.png"])
def test_an_ending_that_cannot_be_written_is_one_line(
    lowface, checkpoint: list[Any], tmp_path: Path, output: str, source: str
):
    picture(tmp_path / "in" / "a.png")
    done = lowface("enhance", source, "-o", output, *checkpoint)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert done.err.startswith(f"lowface: {output}: pictures ending in {Path(output).suffix.lower()} cannot be written")
    assert not (tmp_path / output).exists()


def test_a_folders_name_may_hold_a_dot(lowface, checkpoint: list[Any], tmp_path: Path):
    picture(tmp_path / "a.png")
    assert lowface("enhance", "a.png", "-o", "results.v2", *checkpoint).code == 0
    assert (tmp_path / "results.v2" / "a.png").is_file()


@pytest.mark.parametrize(
    "raw", [b"caf\xe9.png", b"a\nb.png", b"-x.png", b"a" * 240 + b".png", ("名" * 80).encode() + b".png"]
)
def test_any_file_name_is_done(lowface, checkpoint: list[Any], tmp_path: Path, raw: bytes):
    picture(tmp_path / "in" / "plain.png")
    (tmp_path / "in" / "plain.png").rename(tmp_path / "in" / os.fsdecode(raw))
    done = lowface("enhance", "in", "-o", "out", *checkpoint, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["written"] == [os.path.join("out", os.fsdecode(raw))]
    assert os.listdir(os.fsencode(tmp_path / "out")) == [raw]
    one = lowface("enhance", *checkpoint, "-o", "again", "--", os.path.join("in", os.fsdecode(raw)))
    assert one.code == 0, one.err


@pytest.mark.parametrize("raw", [b"caf\xe9", b"\xff\xfe", b"a\xc3"])
def test_an_output_of_any_name_can_be_printed(process, checkpoint: list[Any], tmp_path: Path, raw: bytes):
    picture(tmp_path / "a.png")
    done = process(
        "enhance", "a.png", "-o", os.fsdecode(raw), *checkpoint, cwd=tmp_path, PYTHONIOENCODING="utf-8:strict"
    )
    assert done.code == 0, done.err
    assert "1 pictures written to" in done.out
    assert os.listdir(os.path.join(os.fsencode(tmp_path), raw)) == [b"a.png"]


GAIN = ["--checkpoint", "gain", "--device", "cpu", "--enhancer-options"]


def test_sixteen_bits_stay_sixteen_bits(lowface, tmp_path: Path):
    """A ramp of all levels that a factor of 1 leaves alone: every level is there again, in PNG and TIFF."""
    import cv2

    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    colours = np.stack([ramp, ramp[::-1], ramp.T], axis=-1)
    for name in ("a.png", "b.tiff", "grey.png"):
        (tmp_path / "in").mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / "in" / name), ramp if name == "grey.png" else colours)
    assert lowface("enhance", "in", "-o", "out", *GAIN, "factor=1.0").code == 0
    for name in ("a.png", "b.tiff", "grey.png"):
        read = cv2.imread(str(tmp_path / "out" / name), cv2.IMREAD_UNCHANGED)
        assert read.dtype == np.uint16
        np.testing.assert_array_equal(read, ramp if name == "grey.png" else colours)
    assert lowface("enhance", "in/a.png", "-o", "eight.jpg", *GAIN, "factor=1.0").code == 0
    assert np.asarray(Image.open(tmp_path / "eight.jpg")).dtype == np.uint8


def test_dark_levels_of_sixteen_bits_reach_the_result(lowface, tmp_path: Path):
    import cv2

    cv2.imwrite(str(tmp_path / "in.png"), np.repeat(np.arange(256, dtype=np.uint16).reshape(16, 16, 1), 3, axis=2))
    assert lowface("enhance", "in.png", "-o", "out.png", *GAIN, "factor=256.0").code == 0
    assert len(np.unique(cv2.imread(str(tmp_path / "out.png"), cv2.IMREAD_UNCHANGED))) == 256


def test_bright_pictures_are_copied_where_only_dark_ones_are_wanted(lowface, tmp_path: Path):
    (tmp_path / "in").mkdir()
    grey = {"dark.png": 40, "bright.png": 180, "photo.jpg": 200, "level.png": 127}
    for name, level in grey.items():
        Image.new("RGB", (8, 6), (level, level, level)).save(tmp_path / "in" / name)
    words = ["enhance", "in", "-o", "out", *GAIN, "factor=1.2", "--only-if-dark", "0.5", "--report", "report.csv"]
    done = lowface(*words)
    assert done.code == 0, done.err
    assert "2 of them bright enough and copied" in done.out
    for name in grey:
        same = (tmp_path / "out" / name).read_bytes() == (tmp_path / "in" / name).read_bytes()
        assert same == (grey[name] > 127), name
    lines = (tmp_path / "report.csv").read_text().splitlines()
    assert lines[0] == "picture,output,action,brightness_before,brightness_after"
    assert f"in/dark.png,out/dark.png,enhanced,{40 / 255:.6f},{48 / 255:.6f}" in lines
    assert f"in/bright.png,out/bright.png,copied,{180 / 255:.6f},{180 / 255:.6f}" in lines
    again = lowface(*words, "--skip-existing")
    assert (again.code, "report.csv: exists" in again.err) == (1, True)


def test_a_bright_picture_into_another_format_keeps_its_pixels(lowface, tmp_path: Path):
    Image.new("RGB", (8, 6), (200, 190, 180)).save(tmp_path / "in.png")
    words = [*GAIN, "factor=1.2", "--only-if-dark", "0.5"]
    assert lowface("enhance", "in.png", "-o", "out.bmp", *words).code == 0
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out.bmp")), np.asarray(Image.open(tmp_path / "in.png")))
    assert lowface("enhance", "in.png", "-o", "x.png", *GAIN, "factor=1.2", "--only-if-dark", "1.5").code == 2


def test_how_large_a_picture_may_be_is_for_the_user_to_say(lowface, tmp_path: Path):
    picture(tmp_path / "in.png", (33, 17))
    words = ("enhance", "in.png", "-o", "out.png", "--checkpoint", "gamma")
    refused = lowface(*words, "--max-pixels", "560")
    assert refused.code == 1
    assert (
        "in.png: too large to be read safely (33x17 pixels; at most 560 in all; --max-pixels allows more)"
        in refused.err
    )
    assert not (tmp_path / "out.png").exists()
    assert lowface(*words, "--max-pixels", "561").code == 0
    (default,) = (option.default for option in enhance.params if option.name == "max_pixels")
    assert default == MAX_PIXELS  # the command may not import what reads pictures, to say it in its help
