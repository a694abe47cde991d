"""Keyed generators: the same parts give the numbers they always gave."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_core.data.keyed_rng import keyed_rng


def test_numbers_are_those_of_numpy() -> None:
    """Recorded results were drawn with ``default_rng([…])``."""
    assert keyed_rng(3, 1, 7).random() == np.random.default_rng([3, 1, 7]).random()
    assert keyed_rng(20240607).random() == np.random.default_rng(20240607).random()


def test_a_text_counts_by_its_hash() -> None:
    """The first draw of two keys, as it was when the first figures were recorded."""
    assert [keyed_rng(0, key).random() for key in ("ann_0", "bob_0")] == pytest.approx(
        [0.4460885822964261, 0.22957186088406145], abs=0
    )


@pytest.mark.parametrize("other", [(1, "ann_0"), (0, "ann_1"), (0, 0, "ann_0"), ("ann_0", 0)])
def test_other_parts_give_other_numbers(other: tuple[int | str, ...]) -> None:
    assert keyed_rng(*other).random() != keyed_rng(0, "ann_0").random()
