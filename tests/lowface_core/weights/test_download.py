from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from lowface_core.errors import WeightsError
from lowface_core.weights.download import download
from tests.lowface_core.weights.conftest import CONTENT, OTHER, SHA, Server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w.pth"


def names(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir())


def break_off(server: Server, path: Path, at: int = 1000, **kwargs: Any) -> str:
    """A first attempt that ends after ``at`` bytes."""
    server.stop_after = at
    with pytest.raises(WeightsError) as raised:
        download(server.url, path, "weights", **{"sha256": SHA, **kwargs})
    server.stop_after = None
    return str(raised.value)


def test_an_interrupted_download_is_continued_however_often(server: Server, path: Path):
    message = break_off(server, path)
    assert message.startswith(
        f"weights: {server.url} could not be fetched (connection closed after 1000 of 10240 bytes; "
    )
    assert "1000 bytes are kept, asking again continues there" in message
    assert "\n" not in message
    assert (path.parent / "w.pth.part").read_bytes() == CONTENT[:1000]
    for _ in range(2):
        break_off(server, path, 2000)
    download(server.url, path, "weights", SHA)
    assert server.requested == [None, "bytes=1000-", "bytes=3000-", "bytes=5000-"]
    assert path.read_bytes() == CONTENT
    assert names(path) == ["w.pth"]


KILLED = """
import sys
from pathlib import Path
from lowface_core.weights.download import download
download(sys.argv[1], Path(sys.argv[2]), "weights", sys.argv[3])
"""


def test_a_process_killed_meanwhile_leaves_a_part_that_is_continued(server: Server, path: Path):
    server.stop_after, server.stall = 3000, threading.Event()
    process = subprocess.Popen([sys.executable, "-c", KILLED, server.url, str(path), SHA], stderr=subprocess.DEVNULL)
    part = path.parent / "w.pth.part"
    until = time.monotonic() + 30
    while time.monotonic() < until and not (server.requested and part.is_file()):
        time.sleep(0.02)
    process.kill()
    process.wait(timeout=30)
    server.stall.set()
    server.stop_after, server.stall = None, None
    assert not path.exists()
    kept = part.stat().st_size
    download(server.url, path, "weights", SHA)
    assert server.requested == [None, f"bytes={kept}-" if kept else None]
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(("attribute", "value"), [("ranges", False), ("etag", None)])
def test_with_a_hash_a_server_without_ranges_or_validator_will_do(
    server: Server, path: Path, attribute: str, value: Any
):
    setattr(server, attribute, value)
    break_off(server, path)
    download(server.url, path, "weights", SHA)
    assert server.requested == [None, "bytes=1000-"]
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(("etag", "date"), [('"v1"', None), (None, "Mon, 01 Jan 2024 00:00:00 GMT")])
def test_a_file_that_changed_meanwhile_is_not_pieced_together(server: Server, path: Path, etag: Any, date: Any):
    server.etag, server.date = etag, date
    break_off(server, path, sha256=None)
    server.content, server.etag, server.date = OTHER, '"v2"', None
    download(server.url, path, "weights")
    assert path.read_bytes() == OTHER


@pytest.mark.parametrize("etag", [None, 'W/"v1"'])
def test_without_hash_and_validator_nothing_is_continued(server: Server, path: Path, etag: str | None):
    server.etag = etag
    break_off(server, path, sha256=None)
    download(server.url, path, "weights")
    assert server.requested == [None, None]
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("part", [CONTENT, CONTENT + b"more"])
def test_a_part_that_is_whole_or_too_long_is_dealt_with(server: Server, path: Path, part: bytes):
    (path.parent / "w.pth.part").write_bytes(part)
    download(server.url, path, "weights", SHA)
    assert path.read_bytes() == CONTENT
    assert len(server.requested) == (1 if part == CONTENT else 2)


def test_a_part_of_another_file_ends_as_a_wrong_hash_and_then_starts_anew(server: Server, path: Path):
    (path.parent / "w.pth.part").write_bytes(OTHER[:1000])
    with pytest.raises(WeightsError, match=f"expected {SHA}; kept aside as"):
        download(server.url, path, "weights", SHA)
    assert names(path) == ["w.pth.wrong"]
    download(server.url, path, "weights", SHA)
    assert path.read_bytes() == CONTENT


def test_a_server_that_sends_another_range_is_not_believed(server: Server, path: Path):
    break_off(server, path)
    server.shift = 7
    with pytest.raises(WeightsError, match="another part of the file than bytes 1000-"):
        download(server.url, path, "weights", SHA)
    assert not path.exists()


def test_without_a_hash_the_size_is_looked_at(server: Server, path: Path):
    with pytest.raises(WeightsError, match="size of the download is 10240, expected 5; kept aside"):
        download(server.url, path, "weights", size=5)
    assert not path.exists()
    download(server.url, path, "weights", size=len(CONTENT))
    assert path.read_bytes() == CONTENT


def test_files_are_taken_from_file_addresses(tmp_path: Path, path: Path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "w").write_bytes(CONTENT)
    (tmp_path / "w.pth.part").write_bytes(b"something")
    download((tmp_path / "source" / "w").as_uri(), path, "weights", SHA)
    assert path.read_bytes() == CONTENT
    with pytest.raises(WeightsError, match="could not be fetched") as raised:
        download((tmp_path / "gone").as_uri(), tmp_path / "gone.pth", "weights")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/w", "data:,x", "/etc/hosts", "s3://bucket/w"])
def test_other_addresses_are_refused(path: Path, url: str):
    with pytest.raises(WeightsError, match="is not an address of http://, https://, file://"):
        download(url, path, "weights")


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/w", "file:///etc/hosts"])
def test_redirections_lead_to_the_web_only(server: Server, path: Path, target: str):
    server.redirect = target
    with pytest.raises(WeightsError, match="could not be fetched"):
        download(server.url, path, "weights")
    assert names(path) == []


def test_a_disk_that_cannot_be_written_is_one_line(server: Server, tmp_path: Path):
    (tmp_path / "w.pth.part").mkdir()  # stands in the way, as a full or read-only disk does
    with pytest.raises(WeightsError, match="could not be fetched") as raised:
        download(server.url, tmp_path / "w.pth", "weights", SHA)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "w.pth").exists()


def test_a_terminal_sees_a_progress_bar_and_a_log_file_does_not(
    server: Server, path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    download(server.url, path, "weights of a head", SHA)
    assert capsys.readouterr().err == f"fetching weights of a head from {server.url}\n"
    path.unlink()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    download(server.url, path, "weights of a head", SHA)
    assert "10.0/10.0 KiB" in capsys.readouterr().err
