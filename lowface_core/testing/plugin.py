"""The pytest plugin that comes with lowface: fixtures for the tests of plugins. Imports nothing heavy by itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from torch import nn

    from lowface_core.data.dataset import Dataset


@pytest.fixture
def lowface_batch() -> dict[str, Any]:
    """A training batch of four rendered faces of 32x32 pixels, with every name that a batch may carry.

    ``low``, ``normal``, ``positive``, ``negative`` (4,3,32,32) float32 RGB in [0,1]; ``labels`` (4,32,32) int64;
    ``identity`` (4,) int64; ``box`` (4,4) and ``landmarks`` (4,5,2) pixels; ``key`` list of str.
    """
    from lowface_core.testing.fakes import tiny_batch

    return tiny_batch()


@pytest.fixture
def lowface_dataset() -> Dataset:
    """The data set behind ``lowface_batch``: four people, one item and one gallery picture each."""
    from lowface_core.testing.fakes import tiny_dataset

    return tiny_dataset()


@pytest.fixture
def lowface_heads() -> dict[str, nn.Module]:
    """Fake heads by config key, frozen: ``features``, ``parser``, ``classifier``, ``face``.

    See :mod:`lowface_core.testing.fakes` for what each answers.
    """
    from lowface_core.testing.fakes import fake_heads

    return fake_heads()


@pytest.fixture
def lowface_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty ``LOWFACE_HOME`` (weights, caches) of this test's own; commands started by the test see it too."""
    home = tmp_path / "lowface_home"
    home.mkdir()
    monkeypatch.setenv("LOWFACE_HOME", str(home))
    return home


@pytest.fixture
def lowface_work_dir(tmp_path: Path, lowface_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one during the test, with a ``LOWFACE_HOME`` of its own beside it."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setitem(os.environ, "PWD", str(folder))
    return folder
