from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lowface_core.errors import WeightsError
from lowface_core.registration import Component
from lowface_core.weights.store import check, home, package_file, resolve, sha256_of

CONTENT = b"weights" * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves one file; counts requests; can break off half-way or send chunks that never end properly."""

    requests = 0
    behaviour = "whole"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.requests += 1
        behaviour = self.server.behaviour
        self.send_response(404 if behaviour == "missing" else 200)
        if behaviour == "chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"1b58\r\n" + CONTENT[:100])
            return
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:100] if behaviour == "half" else CONTENT)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOWFACE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LOWFACE_OFFLINE", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def head(server: Server | None, sha256: str = SHA, **record: Any) -> Component:
    url = f"http://127.0.0.1:{server.server_port}/w.pth" if server else "http://127.0.0.1:9/w.pth"
    return Component(
        "head", "vgg", dict, "dist:entry", "lowface_core", {"weights": {"w": {"url": url, "sha256": sha256, **record}}}
    )


def left(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")


@pytest.mark.parametrize("sha256", [SHA, SHA[:8], SHA.upper()])
def test_weights_are_fetched_once_and_verified(server: Server, folder: Path, capsys, sha256: str):
    path = Path(resolve(head(server, sha256), "w"))
    assert path.read_bytes() == CONTENT
    assert path.is_relative_to(folder)
    assert "fetching weights 'w' of head 'vgg' from http://127.0.0.1" in capsys.readouterr().err
    assert resolve(head(server, sha256), "w") == str(path)
    assert server.requests == 1
    assert left(folder) == ["vgg-w.pth"]


def test_several_that_ask_at_once_fetch_once(server: Server, folder: Path):
    threads = [threading.Thread(target=resolve, args=(head(server), "w")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.requests == 1
    assert left(folder) == ["vgg-w.pth"]


def test_a_download_with_a_wrong_hash_is_kept_aside_and_never_used(server: Server, folder: Path):
    with pytest.raises(
        WeightsError, match=rf"SHA-256 of the download is {SHA}, expected 00; kept aside as .*vgg-w\.pth\.wrong"
    ):
        resolve(head(server, "00"), "w")
    assert left(folder) == ["vgg-w.pth.wrong"]


def test_a_file_that_changed_after_the_download_is_not_used(server: Server, folder: Path):
    path = Path(resolve(head(server), "w"))
    path.write_bytes(b"other")
    with pytest.raises(WeightsError, match=r"expected .*; delete the file to fetch it again"):
        resolve(head(server), "w")


@pytest.mark.parametrize("behaviour", ["half", "chunks", "missing"])
def test_a_transfer_that_fails_leaves_nothing_and_can_be_repeated(server: Server, folder: Path, behaviour: str):
    server.behaviour = behaviour
    with pytest.raises(WeightsError, match=r"could not be fetched .*; fetch it by hand into .*vgg-w\.pth"):
        resolve(head(server), "w")
    assert left(folder) == []
    server.behaviour = "whole"
    assert Path(resolve(head(server), "w")).read_bytes() == CONTENT


def test_ctrl_c_during_the_transfer_leaves_nothing(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lowface_core.weights.store._verify_download", interrupted)
    with pytest.raises(KeyboardInterrupt):
        resolve(head(server), "w")
    assert left(folder) == []


def test_nobody_answering_is_one_line(folder: Path):
    with pytest.raises(WeightsError, match="could not be fetched") as raised:
        resolve(head(None), "w")
    assert "\n" not in str(raised.value)


def test_offline_forbids_the_network_but_not_what_is_there(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LOWFACE_OFFLINE", "1")
    with pytest.raises(WeightsError, match="LOWFACE_OFFLINE=1 forbids fetching http://127"):
        check(head(server), "w")
    with pytest.raises(WeightsError, match="LOWFACE_OFFLINE=1"):
        resolve(head(server), "w")
    assert server.requests == 0
    monkeypatch.delenv("LOWFACE_OFFLINE")
    path = resolve(head(server), "w")
    monkeypatch.setenv("LOWFACE_OFFLINE", "1")
    assert resolve(head(server), "w") == path


def test_checking_fetches_nothing(server: Server, folder: Path):
    check(head(server), "w")
    assert server.requests == 0
    assert not folder.exists()


def test_a_file_of_ones_own_is_taken_as_it_is(tmp_path: Path, folder: Path):
    (tmp_path / "mine.pth").write_bytes(b"x")
    assert resolve(head(None), str(tmp_path / "mine.pth")) == str(tmp_path / "mine.pth")
    assert resolve(head(None), tmp_path / "mine.pth") == str(tmp_path / "mine.pth")


def test_weights_nobody_knows_come_with_the_names_there_are(folder: Path):
    with pytest.raises(WeightsError, match="weights: no file 'imagnet'; weights with a name: w"):
        resolve(head(None), "imagnet")


def test_weights_to_be_fetched_by_hand_say_from_where(folder: Path):
    record = {"w": {"sha256": SHA, "source": "the authors, on request"}}
    component = Component("head", "vgg", dict, "dist:entry", "lowface_core", {"weights": record})
    with pytest.raises(WeightsError, match="must be fetched by hand from the authors, on request"):
        resolve(component, "w")


def test_a_store_that_cannot_be_written_names_the_variable(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LOWFACE_HOME", str(tmp_path / "file"))
    with pytest.raises(WeightsError, match=r"cannot be written .*; set LOWFACE_HOME"):
        resolve(head(server), "w")


def test_weights_inside_the_package_need_no_store(folder: Path):
    component = Component(
        "head", "vgg", dict, "dist:entry", "lowface_core.weights", {"weights": {"w": {"file": "store.py"}}}
    )
    assert resolve(component, "w").endswith("weights/store.py")
    with pytest.raises(WeightsError, match=r"^weights: lowface_core\.weights does not ship gone\.pth; reinstall dist$"):
        package_file(component, "gone.pth")
    assert not folder.exists()


def test_home_follows_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LOWFACE_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert home() == Path("/cache/lowface")
    monkeypatch.setenv("LOWFACE_HOME", "/elsewhere")
    assert home() == Path("/elsewhere")


def test_sha256_of_a_file(tmp_path: Path):
    (tmp_path / "x").write_bytes(CONTENT)
    assert sha256_of(tmp_path / "x") == SHA
