"""Documentation that cannot drift: generated pages are fresh, command lines parse, Python examples run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.data.images import write_image
from tests.pages import blocks_of, lowface_lines

NAMES = ("celeba", "data", "doctor", "equations", "evaluation", "heads", "index", "metrics", "report", "weights")
PAGES = ("README.md", *(f"docs/{name}.md" for name in NAMES))


def test_generated_pages_are_fresh(root: Path, python: Callable[..., Any]) -> None:
    done = python("tools/make_docs.py", "--check", cwd=root)
    assert done.code == 0, done.err


@pytest.mark.parametrize("page", PAGES)
def test_every_command_line_on_a_page_parses(root: Path, page: str, parse_command: Callable[[str], None]) -> None:
    lines = list(lowface_lines(root / page))
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
    (example,) = (
        block.text
        for block in blocks_of(root / "README.md")
        if block.language == "python" and "load_enhancer" in block.text
    )
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(example, "README.md", "exec"), names)
    assert names["bright"].shape == (20, 30, 3)
    assert names["bright"].mean() > 0.1 * 255


def test_the_readmes_two_commands_stand_where_ci_looks(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    after = text.split("<!-- test command -->")[1]
    assert after.split("```")[1].strip() == 'pip install -e ".[test]" && pytest'
    assert "pip install -e . && lowface train configs/lowfacenet.py" in text
