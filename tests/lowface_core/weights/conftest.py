"""A small web server for the tests of weights, which can do what real ones do to downloads."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lowface_core.registry.hookspecs import Weights
from lowface_core.registry.registration import Component

CONTENT = bytes(range(256)) * 40
OTHER = CONTENT[::-1]
SHA = hashlib.sha256(CONTENT).hexdigest()


def component(package: str = "lowface_core", /, **facts: Any) -> Component:
    """A head with one record of weights, ``w``."""
    return Component("head", "vgg", dict, "dist:entry", package, weights={"w": Weights(**facts)})


class Server(ThreadingHTTPServer):
    """Serves ``content``, by ranges if ``ranges``; ``stop_after`` breaks connections off; notes each Range requested.

    ``chunks`` begins a transfer by chunks that never ends properly.
    """

    content = CONTENT
    ranges = True
    etag: str | None = '"v1"'
    date: str | None = None
    stop_after: int | None = None
    shift = 0
    redirect: str | None = None
    stall: threading.Event | None = None
    missing = chunks = False
    delay = 0.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requested: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/w.pth"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        serving, requested = self.server, self.headers.get("Range")
        serving.requested.append(requested)
        time.sleep(serving.delay)
        if serving.missing:
            self.send_error(404)
            return
        if serving.chunks:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"1b58\r\n" + serving.content[:100])
            return
        if serving.redirect:
            self.send_response(302)
            self.send_header("Location", serving.redirect)
            self.end_headers()
            return
        validator = self.headers.get("If-Range")
        start = int(re.fullmatch(r"bytes=(\d+)-", requested)[1]) if requested and serving.ranges else 0
        if validator and validator not in (serving.etag, serving.date):
            start = 0
        total = len(serving.content)
        if start >= total:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{total}")
            self.end_headers()
            return
        body = serving.content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start + serving.shift}-{total - 1}/{total}")
        if serving.etag:
            self.send_header("ETag", serving.etag)
        if serving.date:
            self.send_header("Last-Modified", serving.date)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: serving.stop_after])
        if serving.stall:
            self.wfile.flush()
            serving.stall.wait(60)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The store of each test, which is not there yet."""
    monkeypatch.setenv("LOWFACE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LOWFACE_OFFLINE", raising=False)
    return tmp_path / "home"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Server() as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()
