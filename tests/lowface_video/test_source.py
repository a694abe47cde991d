"""Standard input, standard output and streams."""

from __future__ import annotations

import io
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from lowface_core.errors import DataError
from lowface_video.source import Source
from tests.lowface_video.conftest import Lowface, dark, packets, pixels, write

COMMAND = [sys.executable, "-m", "lowface_core", "enhance"]


def test_raw_frames_go_through_a_pipe(same: list[str], tmp_path: Path) -> None:
    """Every number comes out as it went in: RGB, 8 bits."""
    frames = b"".join(frame.tobytes() for frame in dark(5, 33, 17))
    words = [*COMMAND, "-", "-o", "-", "--pixel-format", "rgb24", "--size", "33x17", *same]
    done = subprocess.run(words, input=frames + b"half a frame", capture_output=True, check=False)
    assert done.stdout == frames
    assert b"frames written to standard output" in done.stderr
    assert done.returncode == 0


def test_raw_frames_become_a_film(
    lowface: Lowface, same: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = b"".join(frame.tobytes() for frame in dark(5, 33, 17))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(frames)))
    done = lowface("enhance", "-", "-o", "out.mkv", "--pixel-format", "rgb24", "--size", "33x17", "--rate", "10", *same)
    assert done.code == 0, done.err
    with av.open(tmp_path / "out.mkv") as film:
        context = film.streams.video[0].codec_context
        assert (context.width, context.height, context.pix_fmt) == (33, 17, "yuv444p")
        assert [frame.time for frame in film.decode(video=0)] == [0, 0.1, 0.2, 0.3, 0.4]


def test_a_film_goes_through_a_pipe_and_a_stream(
    gain: list[str], tmp_path: Path, lowface: Lowface, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = write(tmp_path / "in.ts", dark(30), size=(64, 48), options={"crf": "12", "g": "5", "bf": "0"})
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(film.read_bytes())))
    done = lowface("enhance", "-", "-o", "out.mkv", *gain)
    assert done.code == 0, done.err
    assert len(pixels(tmp_path / "out.mkv")) == len(pixels(film))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)  # nobody may come

        def send() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(film.read_bytes())

        sender = threading.Thread(target=send)
        sender.start()
        done = lowface("enhance", f"tcp://127.0.0.1:{server.getsockname()[1]}", "-o", "tcp.mkv", *gain)
        sender.join()
    assert done.code == 0, done.err
    assert len(pixels(tmp_path / "tcp.mkv")) == len(pixels(film))
    without_head = [each[2][7:] for each in packets(film, "audio")]  # of ADTS, which only MPEG-TS has
    assert [each[2] for each in packets(tmp_path / "tcp.mkv", "audio")] == without_head


def test_what_is_no_video_is_told(tmp_path: Path) -> None:
    with av.open(tmp_path / "sound.mp4", "w") as out:
        audio = out.add_stream("aac", rate=48_000, layout="mono")
        piece = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        piece.sample_rate = 48_000
        out.mux([*audio.encode(piece), *audio.encode(None)])
    with pytest.raises(DataError, match="holds no video"):
        Source(str(tmp_path / "sound.mp4"))
    with pytest.raises(DataError, match=r"tcp://127\.0\.0\.1:1: cannot be opened"):
        Source("tcp://127.0.0.1:1")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_who_is_stopped_midway_leaves_no_file(number: int, code: int, gain: list[str], tmp_path: Path) -> None:
    write(tmp_path / "in.mkv", dark(3), sound=None)
    words = [*COMMAND, "-", "-o", "out.mkv", "--size", "64x48", *gain]
    process = subprocess.Popen(words, cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"".join(frame.tobytes() for frame in dark(60)))
    process.stdin.flush()
    while not (parts := list(tmp_path.glob(".*.part.mkv"))) and process.poll() is None:
        time.sleep(0.05)
    assert parts, process.communicate()
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert not (tmp_path / "out.mkv").exists()
    if number == signal.SIGINT:
        assert said.decode().strip() == "interrupted"
    else:
        assert list(tmp_path.glob(".*.part.mkv")) == parts
        done = subprocess.run([*COMMAND, "in.mkv", "-o", "other.mkv", *gain], cwd=tmp_path, check=False)
        assert done.returncode == 0
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.slow
def test_ctrl_c_ends_a_stream_and_keeps_what_was_recorded(gain: list[str], tmp_path: Path) -> None:
    film = write(tmp_path / "in.ts", dark(80), options={"crf": "12", "g": "5", "bf": "0"}, sound=None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        words = [*COMMAND, address, "-o", "out.mkv", *gain, "--report", "out.csv"]
        process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE)
        connection, _ = server.accept()
        with connection:
            connection.sendall(film.read_bytes())
            while not list(tmp_path.glob(".*.part.mkv")) and process.poll() is None:
                time.sleep(0.05)
            time.sleep(3)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "frames written to out.mkv" in said.decode()
    frames = len(pixels(tmp_path / "out.mkv"))
    assert 20 < frames <= 80
    assert len((tmp_path / "out.csv").read_text().splitlines()) == frames + 1


def test_without_pyav_one_line_says_what_to_install(
    lowface: Lowface, gain: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in.mp4", dark(2), sound=None)
    monkeypatch.setitem(sys.modules, "av", None)
    done = lowface("enhance", "in.mp4", "-o", "out.mp4", *gain)
    assert done.code == 1
    assert 'pip install "lowface[video]"' in done.err
    assert done.err.count("\n") == 1


def test_a_stream_that_falls_silent_is_finished_with_what_came(
    lowface: Lowface, gain: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = write(tmp_path / "in.ts", dark(60), options={"crf": "12", "g": "5", "bf": "0"}, sound=None)
    monkeypatch.setattr("lowface_video.source.TIMEOUTS", (5.0, 2.0))
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        server.settimeout(60)  # nobody may come

        def send() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(film.read_bytes())
                over.wait(60)

        sender = threading.Thread(target=send)
        sender.start()
        done = lowface("enhance", f"tcp://127.0.0.1:{server.getsockname()[1]}", "-o", "out.mkv", *gain)
        over.set()
        sender.join()
    assert done.code == 1, done.err
    assert "the source breaks off" in done.out
    assert len(pixels(tmp_path / "out.mkv")) > 40
