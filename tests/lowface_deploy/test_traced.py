"""Operations spelt out for recording are those of torch."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from lowface_deploy.traced import friendly


@pytest.mark.parametrize("size", [(1, 1), (5, 9), (33, 47), (64, 65), (127, 320)])
def test_friendly_operations_are_those_of_torch(size: tuple[int, int]) -> None:
    image = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0))

    def results() -> list[torch.Tensor]:
        return [
            functional.adaptive_avg_pool2d(image, 32),
            functional.adaptive_avg_pool2d(image, (3, 7)),
            torch.quantile(image.flatten(1), torch.tensor([0.05, 0.5, 0.95]), dim=1),
            torch.quantile(image.flatten(2), 0.05, dim=2),
            image.flatten(1).median(1).values,
            image.median(),
        ]

    wanted = results()
    with friendly():
        got = results()
    for want, have in zip(wanted, got, strict=True):
        torch.testing.assert_close(have, want, atol=1e-6, rtol=1e-5)
    assert [torch.equal(a, b) for a, b in zip(results(), wanted, strict=True)] == [True] * len(wanted)
