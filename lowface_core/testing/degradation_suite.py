"""The conformance suite for degradations."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pytest

from lowface_core.testing.drawing import DrawingContract
from lowface_core.testing.fakes import tiny_batch
from lowface_core.testing.values import difference


class DegradationContract(DrawingContract):
    """A degradation makes a low-quality picture from a good one: ``(picture, rng) → (picture, drawn numbers)``.

    Attributes to set, besides those of :class:`~lowface_core.testing.suite.Contract`:
        random: it draws something; two seeds then give two pictures.
        degrades: a rendered face comes out changed.
        smallest: side in pixels of the smallest picture that must do.

    Methods to override: :meth:`picture` for another picture.
    """

    kind: ClassVar[str] = "degradation"
    random: ClassVar[bool] = True
    degrades: ClassVar[bool] = True
    smallest: ClassVar[int] = 16

    def picture(self, height: int = 40, width: int = 40) -> np.ndarray:
        """A good picture, float32 (3,H,W) in [0,1]."""
        return tiny_batch(height, width, 1)["normal"][0].numpy()

    def described(self) -> Sequence[str]:
        """The numbers it draws, by name; what parts of it drew (``0.ratio``) is theirs to describe."""
        _, drawn = self.build()(self.picture(), np.random.default_rng(0))
        return [name for name in drawn if "." not in name]

    def _check_answer(self, answer: Any, image: np.ndarray, where: str) -> None:
        rule = f"{where} it returns {type(answer).__name__}"
        cure = "return the picture and a dict of the numbers drawn"
        self.require(isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], dict), rule, cure)
        self.check_picture(answer[0], f"{where} the picture", image.shape)

    def test_returns_a_picture(self) -> None:
        """A float32 picture of the same shape in [0,1], for rendered, black, white and noisy pictures, at any size."""
        face, degradation = self.picture(), self.build()
        noise = np.random.default_rng(0).random(face.shape, dtype=np.float32)
        pictures = {"a rendered face": face, "noise": noise}
        pictures |= {"a black picture": np.zeros_like(face), "a white picture": np.ones_like(face)}
        least = self.smallest
        for height, width in ((least, least), (least + 7, least + 18)):
            pictures[f"a picture of {height}x{width}"] = self.picture(height, width)
        for what, image in pictures.items():
            for seed in range(3):
                with self.holding(f"it fails for {what}", "work for any picture, or state the least side as smallest"):
                    answer = degradation(image, np.random.default_rng(seed))
                self._check_answer(answer, image, f"for {what}")

    def test_drawn_numbers_are_plain(self) -> None:
        """What was drawn comes as plain finite numbers by name, which can be written down as JSON."""
        _, drawn = self.build()(self.picture(), np.random.default_rng(0))
        for name, value in drawn.items():
            rule = f"{name!r} is {type(value).__name__} {value!r}"
            cure = "return float(value): NumPy's numbers cannot be written as JSON"
            self.require(isinstance(name, str) and type(value) in (int, float, bool) and np.isfinite(value), rule, cure)
        json.dumps(drawn)

    def test_randomness_comes_from_the_generator(self) -> None:
        """The same generator gives the same picture and numbers, however else numbers are drawn."""
        degradation, image = self.build(), self.picture()
        answer = self.check_repeats(functools.partial(degradation, image), "the same generator gives something else")
        if self.random:
            other = degradation(image, np.random.default_rng(8))
            cure = "draw with rng, or set random = False"
            self.require(difference(answer, other), "two seeds give the same picture and numbers", cure)

    def test_leaves_its_inputs_alone(self) -> None:
        """The good picture stays as it is, and the result is not a view of it."""
        degradation, image = self.build(), self.picture()
        before = image.copy()
        out, _ = degradation(image, np.random.default_rng(0))
        cure = "work on a copy: *=, out= write into it"
        self.require(np.array_equal(before, image), "it changes the picture it is given", cure)
        self.require(not np.shares_memory(out, image), "its result shares memory with the picture", "return a copy")
        image.setflags(write=False)
        with self.holding("it fails for a read-only picture", "work on a copy"):
            degradation(image, np.random.default_rng(0))

    def test_changes_the_picture(self) -> None:
        """A rendered face comes out changed."""
        if not self.degrades:
            pytest.skip("declared to leave pictures as they are")
        image = self.picture()
        out, _ = self.build()(image, np.random.default_rng(0))
        cure = "give the suite arguments under which it degrades"
        self.require(not np.array_equal(out, image), "it changes nothing", cure)

    def test_goes_to_loader_processes(self) -> None:
        """It can be pickled, as loader processes need it, and does the same there."""
        degradation, image = self.build(), self.picture()
        here, there = (made(image, np.random.default_rng(3)) for made in (degradation, self.pickled(degradation)))
        self.require_same(here, there, "in a loader process it does something else", "draw only with rng")
