"""The conformance suite for data sets."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pytest
from torch.utils.data import Subset

from lowface_core.data.batches import evaluation_batches
from lowface_core.testing.drawing import DrawingContract, kind_of
from lowface_core.testing.values import copied

PICTURES = ("low", "normal", "positive", "negative")


class DatasetContract(DrawingContract):
    """A data set gives samples by number, each a dict in the names of a training step.

    Attributes to set, besides those of :class:`~lowface_core.testing.suite.Contract`:
        changed: keywords that make other data; the fingerprint must change with them.
        has_gallery: whether ``gallery()`` gives a picture of each identity; by default where there are ``identities``.
        unique_keys: every sample has a ``key`` of its own.
        looked_at: how many samples are looked at, from the first on.

    Methods to override: :meth:`build`, where files must be made first, in ``self.folder``.
    """

    kind: ClassVar[str] = "dataset"
    tells_shapes: ClassVar[bool] = False  # the names decide them
    changed: ClassVar[Mapping[str, Any] | None] = None
    has_gallery: ClassVar[bool | None] = None
    unique_keys: ClassVar[bool] = True
    looked_at: ClassVar[int] = 6

    def described(self) -> Sequence[str]:
        """The names that its items carry."""
        return tuple(self.build().names)

    def _indices(self, dataset: Any) -> range:
        return range(min(len(dataset), self.looked_at))

    def _check_item(self, dataset: Any, item: Mapping[str, Any], where: str) -> None:
        """Types, shapes and ranges of everything a step knows by name."""
        sizes = set()
        for name in PICTURES:
            if name in item:
                self.check_picture(item[name], f"{where} {name}")
                sizes.add(tuple(item[name].shape[1:]))
        rule = f"{where} has pictures of sizes {sorted(sizes)}"
        self.require(len(sizes) <= 1, rule, "bring the pictures of an item to one size")
        if "labels" in item:
            labels = item["labels"]
            fits = isinstance(labels, np.ndarray) and labels.dtype == np.int64 and sizes <= {tuple(labels.shape)}
            cure = "give a parsing map as int64 (H,W) of the pictures' size"
            self.require(fits and labels.ndim == 2, f"{where} labels are {kind_of(labels)}", cure)
        if "identity" in item:
            identity, people = item["identity"], len(dataset.identities)
            fits = isinstance(identity, (int, np.integer)) and 0 <= identity < people
            self.require(fits, f"{where} identity is {identity!r} of {people}", "give the index into identities")
        for name, shape in (("box", (4,)), ("landmarks", (5, 2))):
            if name in item:
                value = np.asarray(item[name])
                fits = value.dtype == np.float32 and value.shape == shape and bool(np.isfinite(value).all())
                self.require(fits, f"{where} {name} is {kind_of(value)}", f"give float32 {shape} in pixels, finite")
        if "key" in item:
            key = item["key"]
            self.require(isinstance(key, str) and key, f"{where} key is {key!r}", "give a text that names it")

    def test_has_a_length_and_names(self) -> None:
        """There are samples, and ``names`` says what they carry."""
        dataset = self.build()
        self.require(len(dataset) > 0, "it is empty", "give the suite arguments under which it has samples")
        good = all(isinstance(name, str) and name.isidentifier() for name in dataset.names)
        cure = "list the keys of an item: losses are wired by them before training starts"
        self.require(len(dataset.names) and good, f"names is {dataset.names!r}", cure)
        people = dataset.identities
        self.require(len(set(people)) == len(people), "an identity occurs twice", "name each person once")

    def test_items_carry_their_names(self) -> None:
        """Each item has the announced names and no other, in the types, shapes and ranges of the contract."""
        dataset = self.build()
        for index in self._indices(dataset):
            item = dataset.item(index, np.random.default_rng(index))
            rule = f"item {index} carries {', '.join(sorted(item))}; names announces {', '.join(sorted(dataset.names))}"
            self.require(set(item) == set(dataset.names), rule, "make the two equal")
            self._check_item(dataset, item, f"item {index}:")

    def test_keys_are_unique(self) -> None:
        """No two samples have the same key: panels, caches and messages tell them apart by it."""
        dataset = self.build()
        if "key" not in dataset.names or not self.unique_keys:
            pytest.skip("items have no keys of their own")
        keys = [dataset[index]["key"] for index in self._indices(dataset)]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        self.require(not twice, f"key {', '.join(twice)} occurs twice", "name each sample differently")

    def test_randomness_comes_from_the_generator(self) -> None:
        """The same generator gives the same item, whatever was read before and however else numbers are drawn."""
        dataset = self.build()
        for index in self._indices(dataset):
            self.check_repeats(functools.partial(dataset.item, index), f"item {index} does not repeat")
        last = len(dataset) - 1
        cure = "draw with rng, the argument of item(), and nothing else"
        self.require_same(self.build()[last], dataset[last], f"item {last} depends on earlier calls", cure)

    def test_items_are_the_callers(self) -> None:
        """What a loader does to an item does not reach the next one: nothing is handed out of a cache itself."""
        dataset = self.build()
        item = dataset.item(0, np.random.default_rng(0))
        before = copied(item)
        for value in item.values():
            if isinstance(value, np.ndarray) and value.flags.writeable:
                value[...] = 0
        after = copied(dataset.item(0, np.random.default_rng(0)))
        self.require_same(before, after, "changing an item changes the data", "return copies of what is kept")

    def test_batches_form(self) -> None:
        """Samples can be stacked into batches."""
        dataset = self.build()
        rule, cure, seen = "its samples do not stack into a batch", "give every sample the same names and types", 0
        with self.holding(rule, cure):
            for batch in evaluation_batches(Subset(dataset, self._indices(dataset)), 2):
                seen += len(next(iter(batch.values())))
        self.require(seen == len(self._indices(dataset)), rule, cure)

    def test_gallery_shows_each_identity_once(self) -> None:
        """``gallery`` gives one normal-light picture per identity, in their order, the same every time."""
        dataset = self.build()
        expected = bool(len(dataset.identities)) if self.has_gallery is None else self.has_gallery
        if not expected:
            self.require(not list(dataset.gallery()), "it has a gallery without identities", "set identities")
            pytest.skip("has no gallery")
        seen = []
        for number, item in enumerate(dataset.gallery()):
            for name in ("normal", "identity", "key"):
                self.require(name in item, f"gallery picture {number} has no {name}", f"add {name}")
            self._check_item(dataset, item, f"gallery picture {number}:")
            seen.append(int(item["identity"]))
        rule = f"the gallery shows the identities {seen[:8]}"
        cure = "yield one picture for each of identities, in their order"
        self.require(seen and seen == list(range(len(dataset.identities))), rule, cure)
        first, second = (next(iter(dataset.gallery())) for _ in range(2))
        self.require_same(first, second, "the gallery does not repeat", "draw no numbers in gallery()")

    def test_fingerprint_tells_the_data(self) -> None:
        """The same data have the same fingerprint in every build; other data (``changed``) another."""
        one, two = self.build().fingerprint(), self.build().fingerprint()
        self.require(isinstance(one, str) and one, f"fingerprint() is {one!r}", "return a short text")
        rule = f"the same data have the fingerprints {one!r} and {two!r}"
        cure = "make it of settings and file names, not of objects' addresses or the time"
        self.require(one == two and not re.search(r"\b0x[0-9a-f]{6,}", one), rule, cure)
        if self.changed is not None:
            other = self.build(**self.changed).fingerprint()
            self.require(one != other, f"fingerprint() does not change with {dict(self.changed)}", "put it in")

    def test_goes_to_loader_processes(self) -> None:
        """The data set can be pickled, as loader processes need it, and gives the same samples there."""
        dataset = self.build()
        copy = self.pickled(dataset)
        for index in self._indices(dataset):
            rule = f"in a loader process item {index} is another one"
            self.require_same(dataset[index], copy[index], rule, "draw only with rng")

    def test_wrong_index_is_an_error(self) -> None:
        """``dataset[len(dataset)]`` raises ``IndexError``: plain loops over a data set end by it."""
        dataset = self.build()
        rule, cure = "indexing past the end must raise IndexError", "leave __getitem__ to the base class"
        with self.holding(rule, cure), contextlib.suppress(IndexError):
            dataset[len(dataset)]
            self.require(False, rule, cure)
