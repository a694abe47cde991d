"""The acceptance of video at full size: all that is to stay does, memory is level, and nothing flickers."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

import lowface_core as lf
from tests.lowface_video.conftest import CLOCKWISE, Lowface, dark, packets, times, uneven, write

QUICK = {"crf": "30", "preset": "ultrafast"}
RUN = """
import sys
sys.argv = ["lowface", *sys.argv[1:]]
from lowface_core.cli import main
try:
    main()
finally:
    print([line for line in open("/proc/self/status") if line.startswith("VmHWM")][0].split()[1], file=sys.stderr)
"""


def peak(folder: Path, *words: str) -> float:
    """Greatest memory of a command in MiB."""
    done = subprocess.run([sys.executable, "-c", RUN, *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stderr.split()[-1]) / 1024


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_six_hundred_frames(gain: list[str], tmp_path: Path) -> None:
    peaks = {}
    for count in (60, 600):
        frames = dark(count, 640, 360)
        film = write(tmp_path / f"{count}.mp4", frames, uneven(count), (640, 360), options=QUICK, matrix=CLOCKWISE)
        out = tmp_path / f"{count}_out.mp4"
        peaks[count] = peak(tmp_path, "enhance", film.name, "-o", out.name, *gain)
        assert times(out) == times(film) == [Fraction(each, 90_000) for each in uneven(count)]
        assert packets(out, "audio") == packets(film, "audio") != []
        with av.open(film) as before, av.open(out) as after:
            assert after.duration == before.duration
            context = after.streams.video[0].codec_context
            assert (context.width, context.height) == (360, 640)
    print(json.dumps(peaks))
    assert abs(peaks[600] - peaks[60]) <= 100


def still(index: int, count: int, width: int = 192, height: int = 96, share: float = 0.08) -> list[np.ndarray]:
    """Frames of a scene that stands still, two rendered faces darkened to ``share``, with the noise of a sensor."""
    faces = lf.build("dataset", "rendered_faces", size=96)
    scene = (
        np.concatenate([np.asarray(faces[index + each]["normal"]) for each in (0, 1)], 2)[:, :height, :width] * share
    )
    rng = np.random.default_rng(index)
    noise = np.sqrt(0.012**2 + 0.004 * share * scene)
    noisy = (scene + rng.normal(0, 1, scene.shape) * noise for _ in range(count))
    return [
        np.ascontiguousarray(np.rint(np.clip(each, 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0)) for each in noisy
    ]


def flicker(report: Path) -> float:
    """Deviation of the frames' mean brightness, relative to its mean: that of the result over that of the source."""
    rows = list(csv.DictReader(report.open()))
    before, after = (np.array([float(row[f"brightness_{when}"]) for row in rows]) for when in ("before", "after"))
    return float((after.std() / after.mean()) / (before.std() / before.mean()))


@pytest.mark.slow
def test_a_scene_that_stands_still_does_not_flicker(lowface: Lowface, tmp_path: Path) -> None:
    ratios: dict[str, list[float]] = {"2": [], "0": []}
    for index in (0, 8):
        write(tmp_path / f"{index}.mkv", still(index, 100), None, (192, 96), options={"crf": "6"}, sound=None)
        for smoothing, found in ratios.items():
            words = ["--checkpoint", "night/base", "--device", "cpu", "--smoothing", smoothing, "--overwrite"]
            done = lowface("enhance", f"{index}.mkv", "-o", "out.mkv", *words, "--report", "out.csv")
            assert done.code == 0, done.err
            found.append(flicker(tmp_path / "out.csv"))
    print(json.dumps(ratios))
    assert max(ratios["2"]) <= 1.1
    assert min(ratios["0"]) > max(ratios["2"])
