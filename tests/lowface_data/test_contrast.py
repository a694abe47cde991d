"""Contrast folders: each picture once before any twice, with any number of workers, processes and resumes."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from lowface_core.data.batches import RunOrder, served, training_loader
from lowface_core.data.images import write_image
from lowface_core.errors import DataError
from lowface_data.contrast import Contrast, OtherIdentity


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    for i in range(7):
        write_image(tmp_path / "high" / f"h{i}.png", np.full((3, 4, 4), 0.5 + i / 20))
    for i in range(3):
        write_image(tmp_path / "low" / "deep" / f"l{i}.png", np.full((3, 4, 4), i / 20))
    return tmp_path / "high", tmp_path / "low"


def keys(data: Contrast, workers: int = 0, rank: int = 0, world: int = 1, start: int = 0, count: int = 7) -> list[str]:
    order = RunOrder(len(data), 2, seed=4, rank=rank, world=world)
    order.start = start
    batches = itertools.islice(served(training_loader(data, order, workers)), count)
    return [key for batch in batches for key in batch["key"]]


def test_each_folder_is_drawn_without_replacement(folders: tuple[Path, Path]) -> None:
    drawn = [key.split("+") for key in keys(Contrast(*folders), count=21)]
    assert len(drawn) == 42
    for side, count in ((0, 7), (1, 3)):
        names = [pair[side] for pair in drawn]
        passes = [names[k : k + count] for k in range(0, 42, count)]
        assert all(max(Counter(one).values()) == 1 for one in passes)
        assert len({tuple(one) for one in passes}) > 1


def test_workers_processes_and_resume_share_one_order(folders: tuple[Path, Path]) -> None:
    whole = keys(Contrast(*folders), count=6)
    assert keys(Contrast(*folders), workers=2, count=6) == whole
    assert keys(Contrast(*folders), start=3, count=3) == whole[6:]
    parts = [keys(Contrast(*folders), rank=rank, world=2, count=3) for rank in (0, 1)]
    mixed = [key for k in range(0, 6, 2) for part in parts for key in part[k : k + 2]]
    assert mixed == whole


def test_seed_and_values(folders: tuple[Path, Path]) -> None:
    assert keys(Contrast(*folders)) != keys(Contrast(*folders, seed=1))
    item = Contrast(*folders, size=2)[3]
    high, low = item["key"].split("+")
    np.testing.assert_allclose(item["positive"], 0.5 + int(high[1]) / 20, atol=0.003)
    np.testing.assert_allclose(item["negative"], int(low[1]) / 20, atol=0.003)
    assert item["positive"].shape == (3, 2, 2)


def test_faults(folders: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty: holds no pictures"):
        Contrast(folders[0], tmp_path / "empty")
    before = Contrast(*folders).fingerprint()
    (folders[0] / "h0.png").write_bytes(b"short")
    data = Contrast(*folders)
    assert data.fingerprint() != before
    assert len(data.drop_unreadable()) == 1
    assert len(data) == 6


def test_draws_every_other_sample_equally_often() -> None:
    identities = [2, 0, 1, 0, 2, 2]
    other = OtherIdentity(identities, Path("faces"))
    rng = np.random.default_rng(0)
    for index, own in enumerate(identities):
        drawn = np.bincount([other(index, rng) for _ in range(3000)], minlength=6)
        allowed = np.array(identities) != own
        assert (drawn[~allowed] == 0).all()
        np.testing.assert_allclose(drawn[allowed] / 3000, 1 / allowed.sum(), atol=0.04)


@pytest.mark.parametrize("identities", [[], [4], [1, 1, 1]])
def test_one_identity_has_no_other(identities: list[int]) -> None:
    with pytest.raises(DataError, match=r"faces: .* only one"):
        OtherIdentity(identities, Path("faces"))
