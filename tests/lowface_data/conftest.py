"""What tests of data sets share."""

from __future__ import annotations

from pathlib import Path

import pytest

from lowface_data.folders import picture_store


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every picture file that data sets decode from now on."""
    found: list[Path] = []
    original = picture_store.read_pixels
    monkeypatch.setattr(picture_store, "read_pixels", lambda path: (found.append(path), original(path))[1])
    return found
