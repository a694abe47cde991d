"""``lowface serve`` as a process that clients, good and bad, ask over the network."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

GAIN = ("--checkpoint", "gain", "--enhancer-options", "factor=2.0")


def png(seed: int, side: int = 64) -> tuple[bytes, np.ndarray]:
    pixels = np.random.default_rng(seed).integers(0, 120, (side, side + seed % 5, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue(), pixels


def bomb() -> bytes:
    """A small PNG file whose header claims 60,000 x 60,000 pixels."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    parts = [struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.fixture
def serving(start: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> Iterator[Callable[..., tuple[Any, str]]]:
    started = []

    def serve(*words: str) -> tuple[subprocess.Popen[str], str]:
        process = start("serve", *GAIN, "--port", "0", *words, cwd=tmp_path)
        started.append(process)
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"serving on (http://\S+)", line):
                return process, found[1]
        raise AssertionError("the service did not start")

    yield serve
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def resident(pid: int) -> float:
    """MiB of memory that a process holds."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        pytest.skip("no /proc on this system")
    return int(re.findall(r"VmRSS:\s+(\d+)", status.read_text())[0]) / 1024


#: Bodies that are refused, by their kind; all of them claim to be PNG.
BAD = {
    "no picture": b"not a picture",
    "bomb": bomb(),
    "cut": png(1)[0][:3000],
    "wrong type": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "slow": b"",
}


def raw(address: str, claimed: int, sent: bytes, patience: float) -> bytes:
    """A request by hand, whose body ends or stalls before its time."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=patience) as wire:
        wire.sendall(f"POST /enhance HTTP/1.1\r\nHost: x\r\nContent-Length: {claimed}\r\n\r\n".encode() + sent)
        answer = b""
        with contextlib.suppress(TimeoutError):
            while part := wire.recv(4096):
                answer += part
    return answer


def test_good_requests_are_right_bad_ones_one_line_and_memory_stays(serving: Callable[..., tuple[Any, str]]) -> None:
    process, address = serving("--max-seconds", "2", "--max-requests", "32", "--max-bytes", "100000")
    whole, _ = png(1)

    def good(seed: int) -> bool:
        content, pixels = png(seed)
        answer = client.post("/enhance", content=content)
        return answer.status_code == 200 and bool(
            (np.asarray(Image.open(io.BytesIO(answer.content))) == pixels * 2).all()
        )

    def bad(number: int) -> tuple[int, str]:
        kind, content = list(BAD.items())[number % len(BAD)]
        if kind == "slow":  # a body that never ends
            status, _, text = raw(address, 5000, whole[:100], 10).partition(b"\r\n\r\n")
            return int(status.split()[1]), text.decode()
        answer = client.post("/enhance", content=content, headers={"content-type": "image/png"})
        return answer.status_code, answer.text

    with httpx.Client(base_url=address, timeout=30) as client, ThreadPoolExecutor(8) as pool:
        assert all(pool.map(good, range(40)))  # warm
        before = resident(process.pid)
        # of eleven requests one is a bad one: 200 and 20
        tasks = [pool.submit(bad, n // 11) if n % 11 == 5 else pool.submit(good, n) for n in range(220)]
        results = [task.result() for task in tasks]
        assert [result for n, result in enumerate(results) if n % 11 != 5] == [True] * 200
        refused = results[5::11]
        assert [status for status, _ in refused] == [415, 413, 415, 415, 408] * 4
        assert {len(text.strip().splitlines()) for _, text in refused} == {1}
        assert client.post("/enhance", content=bytes(200_000)).status_code == 413
        raw(address, 5000, whole[:100], 0.05)  # hangs up in the middle of its body
        assert good(7)
        assert resident(process.pid) < before + 40
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert "Traceback" not in errors


def test_sigterm_answers_what_runs_and_ends_within_five_seconds(serving: Callable[..., tuple[Any, str]]) -> None:
    process, address = serving()
    content, pixels = png(3, 500)
    answers: list[httpx.Response] = []
    asking = threading.Thread(
        target=lambda: answers.append(httpx.post(f"{address}/enhance", content=content, timeout=60))
    )
    asking.start()
    while not httpx.get(f"{address}/health").json()["running"]:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    process.communicate(timeout=60)
    assert time.monotonic() - began < 5 + 10 * (os.getloadavg()[0] > 4)  # a busy machine stops late
    asking.join()
    assert (answers[0].status_code, Image.open(io.BytesIO(answers[0].content)).size) == (200, pixels.shape[1::-1])


def test_an_address_in_use_is_one_line(serving: Callable[..., tuple[Any, str]], lowface: Callable[..., Any]) -> None:
    _, address = serving()
    done = lowface("serve", *GAIN, "--port", address.rpartition(":")[2])
    assert done.code == 1
    assert "give another --host or --port" in done.err.splitlines()[-1]


def test_a_missing_extra_is_one_line(lowface: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "uvicorn", None)
    done = lowface("serve", *GAIN)
    assert done.code == 1
    assert 'pip install "lowface[serve]"' in done.err
    assert len(done.err.strip().splitlines()) == 1
