"""The page on exports is followed by a reader, as the guide to plugins is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.conftest import Reader
from tests.pages import blocks_of

PAGE = Path(__file__).parents[2] / "docs" / "deploy.md"


def test_following_the_page_works(tmp_path: Path) -> None:
    for package in ("onnx", "onnxruntime"):
        pytest.importorskip(package, reason='needs pip install "lowface[onnx]"')
    reader = Reader(tmp_path)
    followed = [block for block in blocks_of(PAGE) if block.rule in ("console", "python")]
    assert len(followed) == 3
    for block in followed:
        reader.follow(block)
