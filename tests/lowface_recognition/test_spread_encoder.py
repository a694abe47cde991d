"""Encoding by workers, in whichever order they answer, and by those of a real cluster."""

from __future__ import annotations

import filecmp
import pickle
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from lowface_core import cluster
from lowface_core.errors import LowfaceError
from lowface_recognition import spread_encoder
from lowface_recognition.encoding import Encoder, Job, Stages
from lowface_recognition.photos import open_folder
from lowface_recognition.spread_encoder import SpreadEncoder

CPU = torch.device("cpu")
NO_RAY = 'Ray is no part of lowface[test]; pip install "lowface[ray]"'


@pytest.fixture
def jobs(people: Callable[..., Path]) -> list[Job]:
    photos = open_folder(people(count=4, pictures=3))
    gallery = [Job(photo, ("normal",), gallery=True) for photo in photos[8:]]
    return [Job(photo, ("low",)) for photo in photos[:8]] + gallery


@pytest.fixture
def encoder_of(recogniser: Any) -> Callable[[Sequence[Job]], Encoder]:
    return lambda jobs: Encoder(jobs, Stages(None, None, 0, CPU), recogniser({}, CPU), batch_size=3)


def backwards(
    items: Sequence[Any], load: Callable[[], cluster.Work], address: str, gpu: bool | None, block: int
) -> Iterator[tuple[int, Any]]:
    """A cluster whose workers answer the last first; what ``lost`` names they never answer."""
    assert (address, gpu, block) == ("there", False, 1)
    work = load()
    for index in reversed(range(len(items))):
        (result,) = work([pickle.loads(pickle.dumps(items[index]))])
        yield index, pickle.loads(pickle.dumps(result))


def test_the_same_rows_whoever_answers_first(
    jobs: list[Job], encoder_of: Callable[..., Encoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread_encoder, "spread", backwards)
    alone, spread = encoder_of(jobs), SpreadEncoder(jobs, lambda: encoder_of, 3, "there", False)
    assert list(spread.batches()) == list(alone.batches()) == [3, 3, 2, 3, 1]
    assert {*spread.rows} == {*alone.rows} == {"low", "normal"}
    for stage, rows in alone.rows.items():
        for name, values in rows.items():
            assert torch.equal(spread.rows[stage][name], values)


def test_it_goes_on_where_another_stopped(
    jobs: list[Job], encoder_of: Callable[..., Encoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread_encoder, "spread", backwards)
    alone, spread = encoder_of(jobs), SpreadEncoder(jobs, lambda: encoder_of, 3, "there", False)
    running = alone.batches()
    done = next(running) + next(running)
    spread.rows = pickle.loads(pickle.dumps(alone.rows))
    assert [*spread.batches(done)] == [*running]
    assert torch.equal(spread.rows["low"]["embedding"], alone.rows["low"]["embedding"])


def test_what_lost_its_worker_every_time_is_named(
    jobs: list[Job], encoder_of: Callable[..., Encoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lossy(*args: Any, **kwargs: Any) -> Iterator[tuple[int, Any]]:
        return ((index, rows) for index, rows in backwards(*args, **kwargs) if index != 2)

    monkeypatch.setattr(spread_encoder, "spread", lossy)
    spread, counts = SpreadEncoder(jobs, lambda: encoder_of, 3, "there", False), list[int]()
    with pytest.raises(LowfaceError, match=rf"^{jobs[6].photo.key} and its neighbours: lost with their worker"):
        counts.extend(spread.batches())
    assert counts == [3, 3]


@pytest.mark.slow
def test_a_cluster_writes_what_one_process_writes(
    people: Callable[..., Path],
    lowface: Callable[..., Any],
    config: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    request.addfinalizer(partial(torch.set_num_threads, torch.get_num_threads()))
    torch.set_num_threads(1)  # as many as a worker has; more would change the last bits
    pytest.importorskip("ray", reason=NO_RAY)
    folder = str(people(count=12, pictures=4))
    sensor = ("--degradation", "sensor", "--enhancer", "gamma", "--device", "cpu", "--batch-size", "4")
    asked = partial(lowface, "identify", "--data", folder, *sensor, "--config", str(config), "--aligned")
    for name, more in (("alone", ()), ("spread", ("--ray", "local"))):
        result = asked("--work-dir", str(tmp_path / name), *more)
        assert result.code == 0, result.err
    assert filecmp.cmp(tmp_path / "alone" / "pictures.jsonl", tmp_path / "spread" / "pictures.jsonl", shallow=False)
