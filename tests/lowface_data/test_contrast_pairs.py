"""Contrast pictures come from another identity, every such sample equally often."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lowface_core.errors import DataError
from lowface_data.contrast_pairs import OtherIdentity


def test_draws_every_other_sample_equally_often() -> None:
    identities = [2, 0, 1, 0, 2, 2]
    other = OtherIdentity(identities, Path("faces"))
    rng = np.random.default_rng(0)
    for index, own in enumerate(identities):
        drawn = np.bincount([other(index, rng) for _ in range(3000)], minlength=6)
        allowed = np.array(identities) != own
        assert (drawn[~allowed] == 0).all()
        np.testing.assert_allclose(drawn[allowed] / 3000, 1 / allowed.sum(), atol=0.04)


def test_follows_the_generator() -> None:
    other = OtherIdentity(np.arange(50), Path("faces"))
    draws = [[other(3, rng) for _ in range(10)] for rng in map(np.random.default_rng, (1, 1, 2))]
    assert draws[0] == draws[1] != draws[2]


@pytest.mark.parametrize("identities", [[], [4], [1, 1, 1]])
def test_one_identity_has_no_other(identities: list[int]) -> None:
    with pytest.raises(DataError, match=r"faces: .* only one"):
        OtherIdentity(identities, Path("faces"))
