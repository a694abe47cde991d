"""Each check of the suite for data sets fails on a data set that breaks its rule."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
import pytest

from lowface_core.data.dataset import Dataset
from lowface_core.testing import DatasetContract
from tests.lowface_core.testing.conftest import Shown, broken


class Good(Dataset):
    """Noise around a grey that is the identity's."""

    names = ("low", "normal", "labels", "identity", "box", "landmarks", "key")
    identities = ("first", "second", "third")

    def __init__(self, size: int = 8) -> None:
        self.size = size

    def __len__(self) -> int:
        return 3

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        normal = self.grey(index)
        return {
            "low": (normal * rng.uniform(0.2, 0.4)).astype(np.float32),
            "normal": normal,
            "labels": np.zeros((self.size, self.size), dtype=np.int64),
            "identity": index,
            "box": np.array([0, 0, 8, 8], dtype=np.float32),
            "landmarks": np.ones((5, 2), dtype=np.float32),
            "key": self.identities[index],
        }

    def grey(self, index: int) -> np.ndarray:
        return np.full((3, self.size, self.size), 0.3 + 0.2 * index, dtype=np.float32)

    def gallery(self) -> Iterator[dict[str, Any]]:
        for index, name in enumerate(self.identities):
            yield {"normal": self.grey(index), "identity": index, "key": name}

    def fingerprint(self) -> str:
        return f"Good:{self.size}"


def dataset(**members: Any) -> type:
    return broken(Good, **members)


def item(**changes: Any) -> type:
    """Items with other values under some names."""

    def changed(self: Any, index: int, rng: np.random.Generator) -> dict[str, Any]:
        return {**Good.item(self, index, rng), **changes}

    return dataset(item=changed)


class Cached(Good):
    """Hands out of its cache what it keeps there."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = [Good.grey(self, index) for index in range(3)]

    def grey(self, index: int) -> np.ndarray:
        return self.kept[index]


class Remembers(Good):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        self.calls += 1
        return {**super().item(index, rng), "box": np.full(4, min(self.calls, 30), dtype=np.float32)}


class DrawsGlobally(Good):
    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        return super().item(index, np.random.default_rng(np.random.randint(1000)))


class Ragged(Good):
    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        sample = super().item(index, rng)
        return sample if index else {**sample, "box": np.array(["unknown"])}


class LosesOnTheWay(Good):
    light = 1.0

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, light=0.5)

    def grey(self, index: int) -> np.ndarray:
        return (super().grey(index) * self.light).astype(np.float32)


def twice(self: Any) -> Iterator[dict[str, Any]]:
    return itertools.chain(list(Good.gallery(self))[:1], Good.gallery(self))


def nameless(self: Any) -> Iterator[dict[str, Any]]:
    return ({"normal": item["normal"], "identity": item["identity"]} for item in Good.gallery(self))


def drawn(self: Any) -> Iterator[dict[str, Any]]:
    for item in Good.gallery(self):
        yield {**item, "normal": np.random.default_rng().random((3, 8, 8), dtype=np.float32)}


def full(self: Any) -> Iterator[dict[str, Any]]:
    return Good().gallery()


def around(self: Any, index: int) -> dict[str, Any]:
    return Good.__getitem__(self, index % 3)


PICTURE = np.full((3, 8, 8), 0.5, dtype=np.float32)
BROKEN = [
    ("has_a_length_and_names", dataset(__len__=lambda self: 0), "it is empty"),
    ("has_a_length_and_names", dataset(names=()), "names is ()"),
    ("has_a_length_and_names", dataset(identities=("one", "one", "two")), "an identity occurs twice"),
    ("items_carry_their_names", item(depth=1.0), "names announces"),
    ("items_carry_their_names", item(low=PICTURE.astype(np.float64)), "item 0: low is float64 (3, 8, 8)"),
    ("items_carry_their_names", item(low=PICTURE * 255), "low reaches from"),
    ("items_carry_their_names", item(low=PICTURE * np.float32("nan")), "low reaches from nan"),
    ("items_carry_their_names", item(low=PICTURE[:, :4]), "has pictures of sizes"),
    ("items_carry_their_names", item(labels=np.zeros((8, 8), np.uint8)), "labels are uint8 (8, 8)"),
    ("items_carry_their_names", item(identity=3), "identity is 3 of 3"),
    ("items_carry_their_names", item(landmarks=np.ones((2, 5), np.float32)), "landmarks is float32 (2, 5)"),
    ("items_carry_their_names", item(key=7), "key is 7"),
    ("keys_are_unique", item(key="same"), "key same occurs twice"),
    ("randomness_comes_from_the_generator", DrawsGlobally, "does not repeat"),
    ("randomness_comes_from_the_generator", Remembers, "does not repeat"),
    ("items_are_the_callers", Cached, "changing an item changes the data"),
    ("batches_form", Ragged, "its samples do not stack into a batch"),
    ("gallery_shows_each_identity_once", dataset(gallery=lambda self: iter(())), "shows the identities []"),
    ("gallery_shows_each_identity_once", dataset(gallery=twice), "the gallery shows the identities [0, 0, 1, 2]"),
    ("gallery_shows_each_identity_once", dataset(gallery=nameless), "gallery picture 0 has no key"),
    ("gallery_shows_each_identity_once", dataset(gallery=drawn), "the gallery does not repeat"),
    ("gallery_shows_each_identity_once", dataset(identities=(), gallery=full), "picture 0: identity is 0 of 0"),
    ("fingerprint_tells_the_data", dataset(fingerprint=lambda self: f"{id(self)}"), "have the fingerprints"),
    ("fingerprint_tells_the_data", dataset(fingerprint=lambda self: None), "fingerprint() is None"),
    ("goes_to_loader_processes", broken(Good, {"open": lambda: None}), "it cannot be pickled"),
    ("goes_to_loader_processes", LosesOnTheWay, "in a loader process item 0 is another one"),
    ("wrong_index_is_an_error", dataset(__getitem__=around), "indexing past the end must raise IndexError"),
]


class TestDatasetSuite(Shown):
    contract = DatasetContract
    broken = BROKEN
    good = (Good,)
    attributes: ClassVar = {"changed": {"size": 9}}

    def test_a_broken_one_fails(
        self, fails: Callable[..., None], rule: str, factory: Any, message: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if factory.__name__ == "Broken":  # so that it can be pickled
            monkeypatch.setitem(globals(), "Broken", factory)
            factory.__module__ = __name__
        fails(
            DatasetContract, f"test_{rule}", factory, message, **({} if factory.identities else {"has_gallery": True})
        )


def test_a_fingerprint_that_does_not_follow_the_data_fails(fails: Callable[..., None]) -> None:
    deaf, message = dataset(fingerprint=lambda self: "data"), "does not change with {'size': 9}"
    fails(DatasetContract, "test_fingerprint_tells_the_data", deaf, message, changed={"size": 9})


def test_names_of_ones_own_are_allowed(suite: Callable[..., Any]) -> None:
    deep = type("Deep", (item(depth=1.0),), {"names": (*Good.names, "depth")})
    suite(DatasetContract, deep).test_items_carry_their_names()
