from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import torch

from lowface_core.errors import WeightsError
from lowface_core.registry.registration import Component
from lowface_core.weights import record, store
from lowface_core.weights.record import Record, find, package_file, sha256_of
from lowface_core.weights.store import add, check, fetch, resolve
from tests.lowface_core.weights.conftest import CONTENT, SHA, Server, component


def head(server: Server | None, sha256: str = SHA, **record: Any) -> Component:
    url = server.url if server else "http://127.0.0.1:9/w.pth"
    return component(url=url, sha256=sha256, **record)


def left(home: Path) -> list[str]:
    return sorted(p.name for p in home.rglob("*") if p.is_file() and p.suffix != ".lock")


@pytest.mark.parametrize("sha256", [SHA, SHA[:8], SHA.upper()])
def test_weights_are_fetched_once_and_verified(server: Server, home: Path, capsys, sha256: str):
    path = Path(resolve(head(server, sha256), "w"))
    assert path.read_bytes() == CONTENT
    assert path.is_relative_to(home)
    assert "fetching weights 'w' of head 'vgg' from http://127.0.0.1" in capsys.readouterr().err
    assert resolve(head(server, sha256), "w") == str(path)
    assert len(server.requested) == 1
    assert left(home) == ["vgg-w.pth"]


def test_several_that_ask_at_once_fetch_once(server: Server, home: Path):
    threads = [threading.Thread(target=resolve, args=(head(server), "w")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requested) == 1
    assert left(home) == ["vgg-w.pth"]


def test_a_file_that_changed_after_the_download_is_not_used(server: Server, home: Path):
    path = Path(resolve(head(server), "w"))
    path.write_bytes(b"other")
    with pytest.raises(WeightsError, match=r"expected .*; delete the file to fetch it again"):
        resolve(head(server), "w")


@pytest.mark.parametrize("behaviour", ["stop_after", "chunks", "missing"])
def test_a_transfer_that_fails_leaves_at_most_a_part_and_can_be_repeated(server: Server, home: Path, behaviour: str):
    server.etag = None
    setattr(server, behaviour, 100)
    with pytest.raises(WeightsError, match=r"could not be fetched .*; fetch it by hand into .*vgg-w\.pth"):
        resolve(head(server), "w")
    assert left(home) == ([] if behaviour == "missing" else ["vgg-w.pth.part"])  # kept, to be continued
    delattr(server, behaviour)
    assert Path(resolve(head(server), "w")).read_bytes() == CONTENT
    assert left(home) == ["vgg-w.pth"]


def test_ctrl_c_during_the_transfer_leaves_only_the_part(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lowface_core.weights.download._verify_download", interrupted)
    with pytest.raises(KeyboardInterrupt):
        resolve(head(server), "w")
    assert left(home) == ["vgg-w.pth.part"]


def test_offline_forbids_the_network_but_not_what_is_there(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOWFACE_OFFLINE", "1")
    with pytest.raises(WeightsError, match="LOWFACE_OFFLINE=1 forbids fetching http://127"):
        check(head(server), "w")
    with pytest.raises(WeightsError, match="LOWFACE_OFFLINE=1"):
        resolve(head(server), "w")
    assert len(server.requested) == 0
    monkeypatch.delenv("LOWFACE_OFFLINE")
    check(head(server), "w")  # fetches nothing
    assert len(server.requested) == 0
    assert not home.exists()
    path = resolve(head(server), "w")
    monkeypatch.setenv("LOWFACE_OFFLINE", "1")
    assert resolve(head(server), "w") == path


def test_a_file_of_ones_own_is_taken_as_it_is(tmp_path: Path, home: Path):
    (tmp_path / "mine.pth").write_bytes(b"x")
    assert resolve(head(None), str(tmp_path / "mine.pth")) == str(tmp_path / "mine.pth")
    assert resolve(head(None), tmp_path / "mine.pth") == str(tmp_path / "mine.pth")


def test_weights_inside_the_package_need_no_store(home: Path):
    shipped = component("lowface_core.weights", file="store.py")
    assert resolve(shipped, "w").endswith("weights/store.py")
    with pytest.raises(WeightsError, match=r"^weights: lowface_core\.weights does not ship gone\.pth; reinstall dist$"):
        package_file(shipped, "gone.pth")
    assert not home.exists()


def test_home_follows_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOWFACE_HOME", "/elsewhere")
    assert record.home() == Path("/elsewhere")
    monkeypatch.delenv("LOWFACE_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert record.home() == Path("/cache/lowface")


def by_hand(**record: Any) -> Component:
    return component(**{"filename": "Low.pth", "source": "the authors' drive", **record})


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.save({"a": torch.ones(3)}, tmp_path / "Low.pth")
    return tmp_path / "Low.pth"


def test_an_added_file_is_used_and_its_hash_noted(home: Path, checkpoint: Path):
    made = by_hand()
    path = add(Record(made, "w"), checkpoint)
    assert resolve(made, "w") == str(path)
    assert path.read_bytes() == checkpoint.read_bytes()
    assert left(home) == ["vgg-w.pth", "vgg-w.pth.sha256"]
    path.write_bytes(b"damaged")
    with pytest.raises(WeightsError, match=f"expected {sha256_of(checkpoint)}; delete the file to add it again"):
        resolve(made, "w")
    add(Record(made, "w"), checkpoint)
    assert resolve(made, "w") == str(path)


@pytest.mark.parametrize("moment", ["before the copy", "before the note", "within the note"])
def test_an_addition_that_was_killed_makes_no_right_file_wrong(
    home: Path, checkpoint: Path, tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
):
    held = Record(head(None, sha256=None), "w")
    add(held, checkpoint)
    other = tmp_path / "other.pth"
    torch.save({"w": torch.ones(7)}, other)

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    place = {"before the copy": "write_whole", "before the note": "_note", "within the note": "write_text"}[moment]
    with monkeypatch.context() as during:
        during.setattr(store, place, killed)
        with pytest.raises(KeyboardInterrupt):
            add(held, other)
    assert held.state() == "here"
    assert held.path.read_bytes() == (checkpoint if moment == "before the copy" else other).read_bytes()
    add(held, other)
    held.path.write_bytes(b"damaged")
    assert held.state() == "wrong hash"


def test_an_added_file_with_its_hash_on_record_needs_no_note(home: Path, checkpoint: Path):
    right = Record(by_hand(sha256=sha256_of(checkpoint)), "w")
    assert add(right, checkpoint).read_bytes() == checkpoint.read_bytes()
    assert left(home) == ["vgg-w.pth"]


def test_fetching_again_replaces_a_wrong_file_and_keeps_it_aside(server: Server, home: Path):
    path = Path(resolve(head(server), "w"))
    path.write_bytes(b"other")
    assert fetch(Record(head(server), "w")) == path
    assert path.read_bytes() == CONTENT
    assert path.with_name("vgg-w.pth.wrong").read_bytes() == b"other"
    assert len(server.requested) == 2


def test_a_store_without_write_permission_is_one_line(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(self: Path, *args: Any, **kwargs: Any) -> None:
        raise PermissionError(13, "Permission denied", str(self))  # mode bits do not stop a root user

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(WeightsError, match=r"cannot be written \(Permission denied\); set LOWFACE_HOME") as raised:
        resolve(head(server), "w")
    assert "\n" not in str(raised.value)
    assert len(server.requested) == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_store_serves_what_it_has(server: Server, home: Path):
    path = Path(resolve(head(server), "w"))
    path.parent.chmod(0o555)
    try:
        assert resolve(head(server), "w") == str(path)
        path.parent.joinpath("vgg-w.pth.lock").chmod(0o444)
        with pytest.raises(WeightsError, match="cannot be written"):
            add(Record(by_hand(sha256=SHA), "w"), path)
    finally:
        path.parent.chmod(0o755)


TWO = """
import sys
from lowface_core.registry.registration import Component
from lowface_core.registry.hookspecs import Weights
from lowface_core.weights.store import resolve
url, sha256 = sys.argv[1:]
weights = {"w": Weights(url=url, sha256=sha256)}
component = Component("head", "vgg", dict, "dist:entry", "lowface_core", weights=weights)
print(resolve(component, "w"))
"""


def test_two_processes_that_ask_at_once_download_once(server: Server, home: Path):
    server.delay = 1.0
    words = [sys.executable, "-c", TWO, server.url, SHA]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(words, **pipes) for _ in range(2)]
    printed = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0], printed
    assert len(server.requested) == 1
    assert {out.strip() for out, _ in printed} == {str(home / "dist" / "vgg-w.pth")}
    assert (home / "dist" / "vgg-w.pth").read_bytes() == CONTENT


def test_the_same_address_under_two_names_is_downloaded_once(server: Server, home: Path, add_plugin: Any):
    record = {"url": server.url, "sha256": SHA}
    facts = {"weights": {"w": record}}
    add_plugin({"head": {"one": (dict, facts), "two": (dict, facts)}})
    paths = [fetch(find(name)) for name in ("one/w", "two/w")]
    assert len(server.requested) == 1
    assert [path.read_bytes() for path in paths] == [CONTENT, CONTENT]
    assert paths[0] != paths[1]


def test_importing_and_help_fetch_nothing(home: Path, python: Any):
    code = "import socket\nsocket.socket.connect = None\nimport lowface_core.weights.store, lowface_core.cli.weights"
    assert python("-c", code).code == 0
    assert not home.exists()
