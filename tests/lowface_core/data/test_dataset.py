from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lowface_core.data.dataset import Dataset


class Noise(Dataset):
    names = ("low", "key")

    def __len__(self) -> int:
        return 3

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        return {"low": rng.random((3, 2, 2), dtype=np.float32), "key": str(index)}


def test_an_evaluation_sees_the_same_sample_each_time_and_another_for_each_index():
    data = Noise()
    assert np.array_equal(data[1]["low"], data[1]["low"])
    assert not np.array_equal(data[0]["low"], data[1]["low"])


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_sample_outside_the_length(index: int):
    with pytest.raises(IndexError):
        Noise()[index]
    assert len(list(Noise())) == 3


def test_gallery_and_fingerprint_have_defaults():
    assert list(Noise().gallery()) == []
    assert Noise().fingerprint() == "Noise:3"


def test_a_dataset_without_items_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        Dataset()
