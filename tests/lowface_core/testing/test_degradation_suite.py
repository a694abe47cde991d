"""Each check of the suite for degradations fails on a degradation that breaks its rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lowface_core.testing import DegradationContract
from tests.lowface_core.testing.conftest import Shown, broken


class Good:
    """Multiplies by what it draws."""

    def __call__(self, image: np.ndarray, rng: np.random.Generator) -> Any:
        ratio = float(rng.uniform(0.2, 0.4))
        return image * np.float32(ratio), {"ratio": ratio}


def degradation(call: Callable[..., Any]) -> type:
    return broken(Good, __call__=call)


def changed(change: Callable[[Any], Any]) -> type:
    """What the good one answers, passed through ``change``."""
    return degradation(lambda self, image, rng: change(Good.__call__(self, image, rng)))


def scaling(draw: Callable[[], float]) -> type:
    """Multiplies by what is drawn elsewhere than from the generator."""
    return degradation(lambda self, image, rng: (image * np.float32(draw()), {}))


def of_one_size(self: Any, image: np.ndarray, rng: np.random.Generator) -> Any:
    return Good.__call__(self, image.reshape(3, 40, 40), rng)


def writing(self: Any, image: np.ndarray, rng: np.random.Generator) -> Any:
    image *= np.float32(0.5)
    return image.copy(), {"ratio": 0.5}


def needing_to_write(self: Any, image: np.ndarray, rng: np.random.Generator) -> Any:
    image *= np.float32(1)
    return Good.__call__(self, image, rng)


class Counts(Good):
    calls = 0

    def __call__(self, image: np.ndarray, rng: np.random.Generator) -> Any:
        self.calls += 1
        return image * np.float32(1 / self.calls), {}


class LosesOnTheWay(Good):
    ratio = 0.2

    def __setstate__(self, state: Any) -> None:
        self.ratio = 0.4

    def __getstate__(self) -> Any:
        return {"x": 1}

    def __call__(self, image: np.ndarray, rng: np.random.Generator) -> Any:
        return image * np.float32(self.ratio), {}


BROKEN = [
    ("returns_a_picture", changed(lambda answer: answer[0]), "it returns ndarray"),
    ("returns_a_picture", changed(lambda a: (a[0].astype(np.float64), a[1])), "the picture is float64 (3, 40, 40)"),
    ("returns_a_picture", changed(lambda a: (a[0][:, 1:], a[1])), "the picture is float32 (3, 39, 40)"),
    ("returns_a_picture", changed(lambda a: (a[0] + np.float32(0.9), a[1])), "the picture reaches from"),
    ("returns_a_picture", changed(lambda a: (a[0] / np.float32(a[0].max()), a[1])), "for a black picture"),
    ("returns_a_picture", degradation(of_one_size), "it fails for a picture of 16x16"),
    ("drawn_numbers_are_plain", changed(lambda a: (a[0], {"ratio": np.float64(0.3)})), "'ratio' is float64"),
    ("drawn_numbers_are_plain", changed(lambda a: (a[0], {"ratio": float("inf")})), "'ratio' is float inf"),
    ("randomness_comes_from_the_generator", scaling(np.random.uniform), "the same generator gives something else"),
    ("randomness_comes_from_the_generator", Counts, "the same generator gives something else"),
    ("randomness_comes_from_the_generator", scaling(lambda: 0.5), "two seeds give the same picture"),
    ("leaves_its_inputs_alone", degradation(writing), "it changes the picture it is given"),
    ("leaves_its_inputs_alone", degradation(lambda self, image, rng: (image, {})), "shares memory"),
    ("leaves_its_inputs_alone", degradation(needing_to_write), "it fails for a read-only picture"),
    ("changes_the_picture", degradation(lambda self, image, rng: (image.copy(), {})), "it changes nothing"),
    ("goes_to_loader_processes", broken(Good, {"open": lambda: None}), "it cannot be pickled"),
    ("goes_to_loader_processes", LosesOnTheWay, "in a loader process it does something else"),
]


@pytest.mark.filterwarnings("ignore:invalid value")
class TestDegradationSuite(Shown):
    contract = DegradationContract
    broken = BROKEN
    good = (Good,)


def test_one_that_draws_nothing_says_so(suite: Callable[..., Any]) -> None:
    suite(DegradationContract, scaling(lambda: 0.5), random=False).test_randomness_comes_from_the_generator()
