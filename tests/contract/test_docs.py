"""Documentation that cannot drift: generated pages are fresh, command lines parse, Python examples run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.data.images import write_image

PAGES = (
    "README.md",
    *(
        f"docs/{name}.md"
        for name in (
            "celeba",
            "data",
            "doctor",
            "equations",
            "evaluation",
            "heads",
            "index",
            "metrics",
            "report",
            "weights",
        )
    ),
)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in one language; commands stand in blocks without one."""
    return [text for said, text in BLOCK.findall(page.read_text(encoding="utf-8")) if said == language]


def command_lines(page: Path) -> list[str]:
    lines = [line.split(" #")[0].strip() for block in blocks(page, "") for line in block.splitlines()]
    parts = [part.strip() for line in lines for part in line.split("&&")]
    return [part for part in parts if part.startswith("lowface ")]


def test_generated_pages_are_fresh(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "tools/make_docs.py", "--check"], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_every_command_line_on_a_page_parses(root: Path, page: str, parse_command: Callable[[str], None]) -> None:
    lines = command_lines(root / page)
    assert lines
    for line in lines:
        parse_command(line)


def test_the_readmes_python_runs(
    root: Path,
    tmp_path: Path,
    write_config: Callable[..., Path],
    lowface: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert lowface("train", write_config(), "--work-dir", "runs/a").code == 0
    write_image(tmp_path / "dark.jpg", np.full((3, 20, 30), 0.1, np.float32))
    (example,) = (block for block in blocks(root / "README.md", "python") if "load_enhancer" in block)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(example, "README.md", "exec"), names)
    assert names["bright"].shape == (20, 30, 3)
    assert names["bright"].mean() > 0.1 * 255


def test_the_readmes_two_commands_stand_where_ci_looks(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    after = text.split("<!-- test command -->")[1]
    assert blocks_in(after)[0].strip() == 'pip install -e ".[test]" && pytest'
    assert "pip install -e . && lowface train configs/lowfacenet.py" in text


def blocks_in(text: str) -> list[str]:
    return [block for _, block in BLOCK.findall(text)]
