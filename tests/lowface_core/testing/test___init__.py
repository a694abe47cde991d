"""What ``lowface_core.testing`` offers, imported on first use."""

from __future__ import annotations

import pytest

from lowface_core import testing


def test_everything_offered_is_there() -> None:
    assert dir(testing) == sorted(testing.__all__)
    for name in testing.__all__:
        assert getattr(testing, name).__name__ == name


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'LosContract'"):
        _ = testing.LosContract
