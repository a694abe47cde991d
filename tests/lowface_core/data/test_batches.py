from __future__ import annotations

import itertools
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lowface_core.data.batches import RunOrder, collate, evaluation_batches, served, to_device, training_loader
from lowface_core.data.dataset import Dataset
from lowface_core.errors import DataError, LowfaceError


class Noise(Dataset):
    """Samples whose picture is random; sizes may differ; one sample may be broken."""

    names = ("low", "identity", "key")

    def __init__(self, sizes: tuple[int, ...] = (2,) * 7, broken: int = -1) -> None:
        self.sizes, self.broken = sizes, broken

    def __len__(self) -> int:
        return len(self.sizes)

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        if index == self.broken:
            raise DataError(f"{index}.jpg: cut short")
        size = self.sizes[index]
        return {"low": rng.random((3, size, size), dtype=np.float32), "identity": index, "key": f"k{index}"}


def test_collate_stacks_tensors_and_lists_texts():
    batch = collate([Noise()[0], Noise()[1]])
    assert batch["low"].shape == (2, 3, 2, 2)
    assert batch["low"].dtype == torch.float32
    assert batch["identity"].tolist() == [0, 1]
    assert batch["identity"].dtype == torch.int64
    assert batch["key"] == ["k0", "k1"]


def test_pictures_of_different_sizes_are_named_by_key():
    with pytest.raises(DataError, match=r"low of 'k0' is \(3, 2, 2\) and of 'k1' \(3, 4, 4\)"):
        collate([Noise((2, 4))[0], Noise((2, 4))[1]])


def positions(order: RunOrder, batches: int) -> list[tuple[int, int]]:
    return list(itertools.chain.from_iterable(itertools.islice(order, batches)))


def test_each_pass_is_a_fresh_permutation_of_all_samples():
    places = positions(RunOrder(7, 2, seed=3), 14)
    assert [p for _, p in places] == list(range(28))
    passes = [[i for i, _ in places[k : k + 7]] for k in range(0, 28, 7)]
    assert all(sorted(one) == list(range(7)) for one in passes)
    assert len({tuple(one) for one in passes}) > 1
    assert positions(RunOrder(7, 2, seed=4), 14) != places


def test_the_order_continues_anywhere():
    whole = positions(RunOrder(7, 3, seed=1), 12)
    later = RunOrder(7, 3, seed=1)
    later.start = 5
    assert positions(later, 7) == whole[15:]


def test_processes_share_one_order():
    whole = positions(RunOrder(10, 4, seed=1), 5)
    parts = [list(itertools.islice(RunOrder(10, 2, seed=1, rank=r, world=2), 5)) for r in range(2)]
    assert list(itertools.chain.from_iterable(a + b for a, b in zip(*parts, strict=True))) == whole


def test_a_batch_larger_than_the_data_takes_several_passes():
    order = RunOrder(2, 5, seed=0)
    assert len(order) == 1
    assert len(positions(order, 2)) == 10


def batches(dataset: Any, workers: int, start: int = 0, count: int = 6) -> list[dict[str, Any]]:
    order = RunOrder(len(dataset), 3, seed=5)
    order.start = start
    return list(itertools.islice(served(training_loader(dataset, order, workers)), count))


def test_workers_and_restarts_change_no_sample():
    alone, helped, late = batches(Noise(), 0), batches(Noise(), 2), batches(Noise(), 0, start=4, count=2)
    for a, b in zip(alone, helped, strict=True):
        assert a["key"] == b["key"]
        assert torch.equal(a["low"], b["low"])
    assert all(torch.equal(a["low"], b["low"]) for a, b in zip(alone[4:], late, strict=True))


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize(
    ("dataset", "message"),
    [(Noise(broken=4), "4.jpg: cut short"), (Noise((2, 3)), "low of 'k")],
    ids=["broken", "sizes"],
)
def test_a_users_mistake_is_one_line_with_and_without_workers(dataset: Dataset, message: str, workers: int):
    with pytest.raises(DataError) as raised:
        batches(dataset, workers)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "Traceback" not in str(raised.value)


def test_a_plain_torch_dataset_trains_too():
    assert batches([{"low": torch.full((1,), float(i))} for i in range(3)], 0, count=1)[0]["low"].shape == (3, 1)


def test_evaluation_takes_every_sample_once_in_order_and_splits_where_sizes_change():
    dataset = Noise((2, 2, 2, 4, 4, 2))
    keys = [batch["key"] for batch in evaluation_batches(dataset, 2)]
    assert keys == [["k0", "k1"], ["k2"], ["k3", "k4"], ["k5"]]


def test_to_device_moves_tensors_and_leaves_texts():
    moved = to_device({"low": torch.zeros(1), "key": ["a"]}, torch.device("cpu"))
    assert moved["key"] == ["a"]
    assert moved["low"].device.type == "cpu"


def test_a_data_set_may_ask_where_in_the_run_it_is():
    class Counting(Noise):
        def draw(self, index: int, rng: np.random.Generator, position: int) -> dict[str, Any]:
            return {**self.item(index, rng), "key": f"{index} at {position}"}

    order = RunOrder(7, 3, seed=5, rank=1, world=2)
    order.start = 2
    served_keys = [batch["key"] for batch in itertools.islice(served(training_loader(Counting(), order, 2)), 3)]
    assert served_keys == [[f"{i} at {p}" for i, p in batch] for batch in itertools.islice(iter(order), 3)]
    assert Counting()[4]["key"] == "k4"


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def without_shared_memory() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


def gone() -> None:
    os._exit(3)


class Fatal(Noise):
    """Something happens to the process that reads the fourth sample."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__((16,) * 7)
        self.happens = happens

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        if index == 3:
            self.happens()
        return super().item(index, rng)


@pytest.mark.parametrize(
    ("happens", "cause"), [(killed, "Killed"), (without_shared_memory, "hand over"), (gone, "hand over")]
)
def test_a_worker_that_ends_is_one_line_and_no_hang(
    happens: Callable[[], None], cause: str, capfd: pytest.CaptureFixture[str]
) -> None:
    dataset = Fatal(happens)
    batches = served(training_loader(dataset, RunOrder(len(dataset), 2, seed=1), workers=2))
    with pytest.raises(LowfaceError, match=f"num_workers: a process that reads the data ended .*{cause}"):
        list(itertools.islice(batches, 20))
    assert "Traceback" not in capfd.readouterr().err


def test_a_temporary_folder_that_is_too_deep_for_sockets_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    dataset = Noise((16,) * 7)
    batches = served(training_loader(dataset, RunOrder(len(dataset), 2, seed=1), workers=1))
    with pytest.raises(LowfaceError, match=r"sockets cannot lie in .*ddd, .* set TMPDIR to a shorter one"):
        list(itertools.islice(batches, 4))
