"""Grey values: one weighted sum for arrays and tensors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lowface_core.data.luma import FULL_RANGE, MATLAB_GREY, STUDIO_RANGE, luma, mean_luma


@pytest.mark.parametrize("weights", [FULL_RANGE, STUDIO_RANGE, MATLAB_GREY])
def test_arrays_and_tensors_are_weighed_alike(weights: tuple[float, float, float]) -> None:
    batch = np.random.default_rng(0).random((2, 3, 4, 5))
    grey = luma(batch, weights)
    assert grey.shape == (2, 1, 4, 5)
    np.testing.assert_allclose(grey[:, 0], np.einsum("bchw,c->bhw", batch, weights), rtol=1e-12)
    np.testing.assert_array_equal(luma(torch.from_numpy(batch), weights).numpy(), grey)


def test_the_mean_of_a_picture() -> None:
    picture = np.random.default_rng(0).random((3, 6, 7), dtype=np.float32)
    assert mean_luma(picture) == pytest.approx(luma(picture).mean(), rel=1e-6)
    assert mean_luma(np.stack([np.zeros((2, 2)), np.ones((2, 2)), np.zeros((2, 2))])) == pytest.approx(0.587)
