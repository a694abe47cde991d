"""Pictures in folders, and metrics made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lowface_core.data.images import write_image


@pytest.fixture
def folders(tmp_path: Path) -> Callable[..., None]:
    """Writes ``n`` noisy pictures into each of the named folders; the first is a darkened second, and so on."""

    def write(count: int, *names: str, size: tuple[int, int] = (24, 20)) -> None:
        for place, name in enumerate(names):
            for index in range(count):
                rng = np.random.default_rng(index)
                picture = rng.random((3, *size), dtype=np.float32) * (0.3 + 0.7 * (place + 1) / len(names))
                write_image(tmp_path / name / "sub" / f"p{index:04d}.png", picture)

    return write
