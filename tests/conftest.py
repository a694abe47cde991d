"""Fixtures that several test packages share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data, weights and reference arrays beside the checkout; skips without them, except in CI, which has them."""
    folder = Path(os.environ.get("LOWFACE_SHARED", ROOT.parent / "shared"))
    if not (folder / "oracle").is_dir():
        if os.environ.get("LOWFACE_REQUIRE_SHARED"):
            pytest.fail(f"{folder} is missing and LOWFACE_REQUIRE_SHARED is set")
        pytest.skip(f"needs the shared data folder {folder}")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Weights and encoded galleries go to a folder of the test run, not to the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOWFACE_HOME", str(tmp_path_factory.mktemp("home")))
        yield
