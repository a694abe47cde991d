"""Data sets made on disk: level, contents, the same bytes however they were made, refusals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lowface_core.data.images import read_image, read_labels, write_image
from lowface_core.data.luma import mean_luma
from lowface_core.errors import LowfaceError
from lowface_core.files import exclusive
from lowface_data.folders.lapa_face import LapaFace
from lowface_data.synthesis.synthesize import PRESETS, Recipe, synthesize

KEYS = [f"p{i:02d}_0" for i in range(12)]


@pytest.fixture
def src(tmp_path: Path) -> Path:
    root = tmp_path / "src"
    rng = np.random.default_rng(0)
    (root / "seg").mkdir(parents=True)
    for key in KEYS:
        write_image(root / "normal" / f"{key}.jpg", rng.uniform(0.2, 0.9) * rng.uniform(0.8, 1, (3, 24, 20)))
        Image.fromarray(rng.integers(0, 11, (24, 20), dtype=np.uint8)).save(root / "seg" / f"{key}.png")
    (root / "split.json").write_text(json.dumps({"train": KEYS[:8], "test": KEYS[8:]}))
    return root


def contents(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_what_is_made(lowface: Any, src: Path, tmp_path: Path) -> None:
    result = lowface("synthesize", src, "dst", "--preset", "lowfacenet-train", "--level", "0.2", "--jobs", "1")
    assert result.code == 0, result.err
    assert "12 pictures in dst" in result.out
    dst = tmp_path / "dst"
    manifest = json.loads((dst / "manifest.json").read_text())
    assert manifest["brightness"]["after"] == pytest.approx(0.2, abs=0.01)
    data = LapaFace(dst, split=None)
    assert data.names == ("low", "normal", "labels", "identity", "key")
    after = []
    for index, key in enumerate(KEYS):
        item, record = data[index], manifest["pictures"][key]
        ratio = record["ratio"]
        np.testing.assert_allclose(item["low"], item["normal"] * ratio, atol=0.51 / 255)
        assert manifest["interval"][0] <= ratio <= manifest["interval"][1]
        assert record["before"] == pytest.approx(mean_luma(item["normal"]), abs=1e-6)
        assert record["after"] == pytest.approx(mean_luma(item["low"]), abs=1e-6)
        assert record["source"] == f"normal/{key}.jpg"
        after.append(record["after"])
        for folder, suffix in (("normal", "jpg"), ("seg", "png")):
            name = f"{folder}/{key}.{suffix}"
            assert (dst / name).read_bytes() == (src / name).read_bytes()
    assert manifest["brightness"]["after"] == pytest.approx(np.mean(after))
    assert [len(LapaFace(dst, split)) for split in ("train", "test")] == [8, 4]
    assert str(tmp_path) not in (dst / "manifest.json").read_text()


def test_same_bytes_twice_and_with_any_number_of_jobs(lowface: Any, src: Path, tmp_path: Path) -> None:
    words = ("--preset", "sensor", "--option", "jpeg=80", "--seed", 3)
    for name, jobs in (("a", 1), ("b", 2)):
        assert lowface("synthesize", src, name, *words, "--jobs", jobs).code == 0
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert lowface("synthesize", src, "a", *words).code == 0  # nothing left to do
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert lowface("synthesize", src, "c", *words[:-1], 4, "--jobs", 1).code == 0
    assert contents(tmp_path / "a") != contents(tmp_path / "c")


def test_killed_and_run_again(lowface: Any, src: Path, tmp_path: Path) -> None:
    for i in range(60):
        write_image(src / "normal" / f"q{i}_0.jpg", np.full((3, 400, 400), 0.4 + i / 200))
        Image.fromarray(np.ones((400, 400), np.uint8)).save(src / "seg" / f"q{i}_0.png")
    words = ["synthesize", str(src), "dst", "--preset", "lowfacenet-train", "--jobs", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "lowface_core", *words], cwd=tmp_path, env={**os.environ, "PYTHONPATH": pythonpath()}
    )
    made = tmp_path / "dst" / "underexposed"
    give_up = time.monotonic() + 60
    while (not made.is_dir() or len(list(made.iterdir())) < 8) and time.monotonic() < give_up:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (tmp_path / "dst" / "manifest.json").exists()
    kept = {p: p.stat().st_mtime_ns for p in list(made.iterdir())[:4] if not p.name.startswith(".")}
    (tmp_path / "dst" / "manifest.partial.jsonl").open("a").write('{"cut sho')
    assert lowface(*words).code == 0
    assert {p: p.stat().st_mtime_ns for p in kept} == kept  # what was there is not made again
    words[2] = "whole"
    assert lowface(*words).code == 0
    assert contents(tmp_path / "dst") == contents(tmp_path / "whole")


def pythonpath() -> str:
    import lowface_core
    import lowface_data

    return os.pathsep.join(str(Path(module.__file__).parents[1]) for module in (lowface_core, lowface_data))


def test_a_lost_picture_is_made_again(lowface: Any, src: Path, tmp_path: Path) -> None:
    words = ("synthesize", src, "dst", "--preset", "lowfacenet-dark", "--jobs", "1")
    lowface(*words)
    before = contents(tmp_path / "dst")
    (tmp_path / "dst" / "underexposed" / f"{KEYS[3]}.png").unlink()
    assert lowface(*words).code == 0
    assert contents(tmp_path / "dst") == before


@pytest.mark.parametrize("damage", [b"\xff\xfe\x80", b"{", b"[1]"])
def test_a_manifest_that_is_damaged_is_one_line(lowface: Any, src: Path, tmp_path: Path, damage: bytes) -> None:
    words = ("synthesize", src, "dst", "--preset", "lowfacenet-dark", "--jobs", "1")
    lowface(*words)
    (tmp_path / "dst" / "manifest.json").write_bytes(damage)
    before = contents(tmp_path / "dst")
    done = lowface(*words)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "manifest.json: " in done.err
    assert contents(tmp_path / "dst") == before


def test_refusals_are_one_line(lowface: Any, src: Path, tmp_path: Path) -> None:
    preset = ("--preset", "lowfacenet-train")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary.txt").write_text("mine")
    lowface("synthesize", src, "other", "--preset", "lowfacenet-dark", "--jobs", "1")
    for words, match in (
        ((src, src / "deep", *preset), "lies inside"),
        ((src, src, *preset), "lies inside"),
        ((src / "normal", src, *preset), "lies inside"),
        ((src, "full", *preset), "is not empty"),
        ((src, "other", "--preset", "lowfacenet-dark", "--seed", 1), "was made with another seed"),
        ((src, "dst", "--preset", "lowfacenet-tain"), "did you mean 'lowfacenet-train'"),
        ((src, "dst", "--degradation", "linnear"), "did you mean 'linear'"),
        ((src, "dst", *preset, "--option", "lo=1"), "takes no such keyword"),
        ((src, "dst", *preset, "--option", "low"), "write it as keyword=value"),
        ((src, "dst", *preset, "--level", "0.9"), "give a lower level"),
        ((src, "dst", "--preset", "sensor", "--level", "0.2"), "only the degradation linear"),
        (("nowhere", "dst", *preset), "no such folder"),
        ((src, "dst", *preset, "--layout", "lpaa"), "did you mean 'lapa'"),
        ((src, "dst", *preset, "--min-size", "500"), "no picture of 500 px"),
    ):
        result = lowface("synthesize", *words)
        assert result.code == 1, words
        assert match in result.err, result.err
        assert result.err.count("\n") == 1
    assert not (tmp_path / "dst").exists()
    assert lowface("synthesize", src, "dst").code == 2


def test_broken_and_small_pictures(lowface: Any, src: Path, tmp_path: Path) -> None:
    write_image(src / "normal" / f"{KEYS[0]}.jpg", np.full((3, 10, 40), 0.5))
    (src / "normal" / f"{KEYS[1]}.jpg").write_bytes(b"no picture")
    words = ("synthesize", src, "dst", "--preset", "lowfacenet-dark", "--min-size", "16", "--jobs", "1")
    result = lowface(*words)
    assert result.code == 1
    assert f"{KEYS[1]}.jpg" in result.err
    result = lowface(*words, "--skip-unreadable")
    assert result.code == 0
    assert "left out: 2 pictures" in result.out
    manifest = json.loads((tmp_path / "dst" / "manifest.json").read_text())
    assert manifest["left_out"] == {KEYS[0]: "shortest side 10 px", KEYS[1]: "unreadable"}
    assert len(LapaFace(tmp_path / "dst", "train")) == 6


def test_other_layouts_get_the_released_one(lowface: Any, tmp_path: Path) -> None:
    flat = np.full((3, 12, 12), 0.5)
    write_image(tmp_path / "lfw" / "Bo_Li" / "Bo_Li_0001.jpg", flat)
    write_image(tmp_path / "casia" / "x" / "007" / "007_3.bmp", flat)
    write_image(tmp_path / "celeba" / "CelebA-HQ-img" / "5.jpg", flat)
    mask = tmp_path / "celeba" / "CelebAMask-HQ-mask-anno" / "0" / "00005_hair.png"
    write_image(mask, np.ones((3, 6, 6)))
    write_image(tmp_path / "lapa" / "train" / "images" / "a_1.jpg", flat)
    write_image(tmp_path / "lapa" / "test" / "images" / "b_1.jpg", flat)
    write_image(tmp_path / "plain" / "deep" / "x y.webp", flat)
    names = {"lfw": "Bo_Li_0001", "casia": "007_3", "celeba": "5_0", "lapa": "a_1_0", "plain": "deep-x y_0"}
    for layout, name in names.items():
        result = lowface("synthesize", layout, f"{layout}-dst", "--preset", "celeba-test-ii", "--jobs", "1")
        assert result.code == 0, result.err
        data = LapaFace(tmp_path / f"{layout}-dst")
        assert data[0]["key"] == name
        assert data[0]["low"].mean() == pytest.approx(0.5**2.2, abs=0.01)
    assert (read_labels(tmp_path / "celeba-dst" / "seg" / "5_0.png") == 10).all()
    assert LapaFace(tmp_path / "lapa-dst", "test")[0]["key"] == "b_1_0"


def test_presets_build() -> None:
    from lowface_core.config.build import build_from

    for name, preset in PRESETS.items():
        dark, _ = build_from("degradation", preset["degradation"], name)(
            np.full((3, 8, 8), 0.5, np.float32), np.random.default_rng(0)
        )
        assert dark.mean() < 0.4, name


def test_lossless_by_default(lowface: Any, src: Path, tmp_path: Path) -> None:
    lowface("synthesize", src, "png", "--preset", "lowfacenet-dark", "--jobs", "1", "--json")
    result = lowface(
        "synthesize", src, "jpg", "--preset", "lowfacenet-dark", "--jobs", "1", "--format", "jpg", "--json"
    )
    ratio = json.loads(result.out)["pictures"][KEYS[0]]["ratio"]
    exact = np.rint(read_image(src / "normal" / f"{KEYS[0]}.jpg") * np.float32(ratio) * 255)
    png, jpg = (read_image(tmp_path / kind / "underexposed" / f"{KEYS[0]}.{kind}") * 255 for kind in ("png", "jpg"))
    np.testing.assert_allclose(png, exact, atol=1e-3)
    assert np.abs(jpg - exact).max() > 0.5


@pytest.mark.parametrize("there", ["nothing", "half", "whole"])
def test_a_second_process_in_one_folder_is_told_and_disturbs_nothing(src: Path, tmp_path: Path, there: str) -> None:
    recipe, dst = Recipe({"type": "linear"}), tmp_path / "dst"
    if there != "nothing":
        synthesize(src, dst, recipe)
    if there == "half":
        (dst / "manifest.json").unlink()
    before = contents(dst)
    with exclusive(dst / ".lock", "held"):
        with pytest.raises(LowfaceError, match=f"{dst}: another process is making this data set"):
            synthesize(src, dst, recipe)
        (dst / ".lock").unlink()
        assert contents(dst) == before


@pytest.mark.parametrize("fault", ["degradation", "source", "foreign"])
def test_a_refusal_leaves_no_trace(src: Path, tmp_path: Path, fault: str) -> None:
    dst = tmp_path / "dst"
    if fault == "foreign":
        dst.mkdir()
        (dst / "mine.txt").write_text("")
    before = contents(tmp_path)
    recipe = Recipe({"type": "no such" if fault == "degradation" else "linear"})
    with pytest.raises(LowfaceError):
        synthesize(tmp_path / "gone" if fault == "source" else src, dst, recipe)
    assert contents(tmp_path) == before
    assert dst.exists() == (fault == "foreign")


ORPHANS = "import time; from lowface_data.parallel import each; list(each(time.sleep, [60.0] * 8, 2, 'x'))"


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_end_with_their_parent_however_it_ends(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        until = time.monotonic() + 60
        while len(workers := children(parent.pid)) < 3 and time.monotonic() < until:  # and the resource tracker
            time.sleep(0.2)
        time.sleep(3)  # they import what they need
        parent.send_signal(number)
        if number == signal.SIGINT:  # waits for what its workers are at, unless told again
            time.sleep(0.5)
            parent.kill()
        while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < until + 30:
            time.sleep(0.2)
        assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
