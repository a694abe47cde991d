"""What metrics of single pictures share; that batches, states and resets do not matter is shown by their suites."""

from __future__ import annotations

import pytest
import torch

from lowface_core.errors import LowfaceError
from lowface_metrics.per_picture import check_pictures, to_bytes


@pytest.mark.parametrize("shape", [(1, 3, 8, 8), (2, 3, 8, 9), (2, 1, 8, 8), (3, 8, 8)])
def test_shapes_that_would_broadcast_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(LowfaceError, match=r"psnr: image is .* and normal is \(2, 3, 8, 8\)"):
        check_pictures("psnr", image=torch.zeros(shape), normal=torch.zeros(2, 3, 8, 8))
    if len(shape) != 4 or shape[1] != 3:
        with pytest.raises(LowfaceError, match="loe: image is "):
            check_pictures("loe", image=torch.zeros(shape))


def test_rounding_to_8_bits_inverts_reading_them() -> None:
    levels = torch.arange(256)
    assert (to_bytes(levels / 255) == levels).all()
    assert to_bytes(torch.tensor([-1.0, 2.0, 0.5 / 255 - 1e-4])).tolist() == [0, 255, 0]
