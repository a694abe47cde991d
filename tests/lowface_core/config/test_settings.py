from __future__ import annotations

import pytest

from lowface_core.config.settings import MANY, NEEDED, ONE, SETTINGS, TOP_LEVEL
from lowface_core.registry.registration import KINDS


@pytest.mark.parametrize("key", SETTINGS)
def test_every_default_passes_its_own_check_and_is_explained(key: str):
    assert SETTINGS[key].fault(key, SETTINGS[key].default) is None
    assert SETTINGS[key].help


def test_sections_name_kinds_there_are_and_no_name_twice():
    assert set(ONE.values()) | set(MANY.values()) <= set(KINDS)
    assert len(set(TOP_LEVEL)) == len(TOP_LEVEL)
    assert all(key in TOP_LEVEL for keys in NEEDED.values() for key in keys)
