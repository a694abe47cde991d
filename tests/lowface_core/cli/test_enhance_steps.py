"""Pictures in the processes of a cluster, as far as that needs none."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lowface_core import cluster
from lowface_core.cli.enhance_steps import Row, over_ray, told
from lowface_core.errors import LowfaceError

GAIN: dict[str, Any] = {"checkpoint": "gain", "config": {"factor": 2.0}, "level": None, "options": {}}


@pytest.fixture
def pairs(tmp_path: Path) -> list[tuple[Path, Path]]:
    """Two pictures and a broken one between them."""
    for name in ("a.png", "c.png"):
        Image.fromarray(np.full((4, 5, 3), 30, np.uint8)).save(tmp_path / name)
    (tmp_path / "b.png").write_bytes(b"no picture")
    return [(tmp_path / name, tmp_path / "out" / name) for name in ("a.png", "b.png", "c.png")]


def test_a_worker_does_what_this_process_would(pairs: list[tuple[Path, Path]], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def spread(
        items: Sequence[Any], load: Callable[[], cluster.Work], address: str, gpu: bool | None
    ) -> Iterator[tuple[int, Any]]:
        asked.append((address, gpu))
        work = pickle.loads(pickle.dumps(load))()
        yield from zip([1, 0], work([items[1], items[0]]), strict=True)  # in any order, and one is lost

    monkeypatch.setattr(cluster, "spread", spread)
    results = dict(over_ray(pairs, "here", device="cpu", **GAIN))
    assert asked == [("here", False)]
    assert isinstance(results[0], Row)
    assert results[0].action == "enhanced"
    assert np.asarray(Image.open(pairs[0][1])).max() == 60
    assert "b.png" in str(results[1])
    assert str(results[2]).startswith(f"{pairs[2][0]}: lost with its worker 4 times")


def test_a_gpu_is_for_ray_to_choose(pairs: list[tuple[Path, Path]]) -> None:
    with pytest.raises(LowfaceError, match="write --device cuda"):
        next(over_ray(pairs, "local", device="cuda:1", **GAIN))


def test_an_error_that_says_nothing_of_the_picture_is_raised() -> None:
    assert told(Path("a.png"), OSError("disk full")) == "disk full"
    assert "takes more memory" in told(Path("a.png"), MemoryError())
    with pytest.raises(ZeroDivisionError):
        told(Path("a.png"), ZeroDivisionError())
