from __future__ import annotations

import errno
import io
import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import torch

from lowface_core.errors import LowfaceError
from lowface_core.train.recorder import Recorder


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_lines_hold_the_means_since_the_line_before(tmp_path: Path, capsys):
    recorder = Recorder(tmp_path, total=5, start=0, interval=2)
    for iteration in range(1, 6):
        recorder.step(iteration, {"loss/total": torch.tensor(float(iteration)), "extra": 1.0}, lr=0.5)
    recorder.close()
    assert [(line["iter"], line["loss/total"]) for line in lines(tmp_path)] == [(2, 1.5), (4, 3.5), (5, 5.0)]
    assert lines(tmp_path)[0] == {"iter": 2, "split": "train", "loss/total": 1.5, "extra": 1.0, "lr": 0.5}
    assert "iteration 5/5" in capsys.readouterr().err
    assert any((tmp_path / "tensorboard").iterdir())


def test_a_resumed_run_drops_what_came_after_its_start_and_torn_lines(tmp_path: Path):
    recorder = Recorder(tmp_path, total=9, start=0, interval=1)
    for iteration in range(1, 7):
        recorder.step(iteration, {"loss/total": 1.0}, lr=1.0)
    recorder.close()
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"iter": 7, "spl')
    recorder = Recorder(tmp_path, total=9, start=4, interval=1)
    recorder.step(5, {"loss/total": 2.0}, lr=1.0)
    recorder.line(5, "val", {"psnr": 2.0})
    recorder.close()
    assert [line["iter"] for line in lines(tmp_path)] == [1, 2, 3, 4, 5, 5]
    Recorder(tmp_path, total=9, start=5, interval=1, unmeasured=True).close()
    assert [(line["iter"], line["split"]) for line in lines(tmp_path)][-2:] == [(4, "train"), (5, "train")]


def test_lines_that_are_damaged_are_dropped(tmp_path: Path):
    good = b'{"iter": 1, "split": "train"}\n'
    (tmp_path / "metrics.jsonl").write_bytes(good + b'{"iter": \xff}\n[1]\n{"iter": "x"}\n{"split": 1}\n{"i{}\n' + good)
    Recorder(tmp_path, total=9, start=5, interval=1).close()
    assert (tmp_path / "metrics.jsonl").read_bytes() == good + good


def test_a_run_that_starts_anew_drops_old_lines(tmp_path: Path):
    (tmp_path / "metrics.jsonl").write_text('{"iter": 1}\n')
    Recorder(tmp_path, total=9, start=0, interval=1).close()
    assert lines(tmp_path) == []


def test_numbers_that_are_not_finite_stay_valid_json(tmp_path: Path):
    recorder = Recorder(tmp_path, total=1, start=0, interval=1)
    recorder.line(1, "val", {"enhanced": {"psnr": float("inf"), "ssim": 0.5}})
    recorder.close()
    assert lines(tmp_path) == [{"iter": 1, "split": "val", "enhanced/psnr": None, "enhanced/ssim": 0.5}]


def test_a_narrow_terminal_shows_count_eta_and_every_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")  # rich draws no bar on a dumb one
    names = ("brightness_cr", "feature_cr", "perceptual", "color", "smoothness", "semantic", "identity", "total")
    recorder = Recorder(tmp_path, total=2, start=0, interval=1)
    for iteration in (1, 2):
        recorder.step(iteration, {f"loss/{name}": 0.25 for name in names}, lr=1e-3)
    recorder.close()
    told = screen.getvalue()
    assert "2/2" in told
    assert "ETA" in told
    for name in names:
        assert f"{name} 0.2500" in told


def test_a_full_disk_under_the_events_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = threading.excepthook
    recorder = Recorder(tmp_path, total=1, start=0, interval=1)
    monkeypatch.setattr("tensorboard.summary.writer.record_writer.RecordWriter.write", full)
    recorder.line(1, "train", {"loss/total": 0.5})
    with pytest.raises(LowfaceError, match=r"tensorboard: cannot be written \(No space left on device\)"):
        recorder.close()
    assert threading.excepthook is before
    assert capsys.readouterr().err == ""
    assert lines(tmp_path)[0]["iter"] == 1


def test_phases_have_lines_of_their_own_with_their_own_means(tmp_path: Path, capsys):
    recorder = Recorder(tmp_path, total=4, start=0, interval=4)
    for iteration, (phase, value) in enumerate([("a", 1.0), ("b", 5.0), ("b", 7.0), ("a", 2.0)], 1):
        recorder.step(iteration, {"loss/total": value}, {"a": 0.1, "b": 0.2}[phase], phase)
    recorder.close()
    assert lines(tmp_path) == [
        {"iter": 4, "split": "train", "phase": "a", "loss/total": 1.5, "lr": 0.1},
        {"iter": 4, "split": "train", "phase": "b", "loss/total": 6.0, "lr": 0.2},
    ]
    assert "a:  total 1.5000  b:  total 6.0000" in capsys.readouterr().err
