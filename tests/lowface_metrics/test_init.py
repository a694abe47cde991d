"""Metrics with weights: none is measured with untrained ones, and nothing is fetched behind the store's back."""

from __future__ import annotations

from typing import Any

import pytest

import lowface_core as lf
import lowface_metrics
from lowface_core.errors import ConfigError, LowfaceError


def registered() -> dict[str, tuple[str, dict[str, Any]]]:
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    lowface_metrics.register_metrics(lambda name, factory, **facts: found.update({name: (factory, facts)}))
    return found


NEEDS_WEIGHTS = {"niqe", "lpips", "unique", "fid"}


@pytest.mark.parametrize("name", sorted(NEEDS_WEIGHTS))
def test_metrics_with_weights_say_so(name: str) -> None:
    """No default, so that no metric judges with untrained weights; the message lists what can be asked for."""
    with pytest.raises(ConfigError, match=rf"metric {name}.weights: missing; .*a file, or one of: ") as caught:
        lf.build("metric", name)
    assert all(record in str(caught.value) for record in registered()[name][1]["weights"])


@pytest.mark.parametrize("name", sorted(NEEDS_WEIGHTS))
def test_nothing_is_fetched_behind_the_stores_back(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOWFACE_OFFLINE", "1")
    record = next(iter(registered()[name][1]["weights"]))
    with pytest.raises(LowfaceError, match=rf"metric {name}: weights: .*(LOWFACE_OFFLINE=1 forbids|fetched by hand)"):
        lf.build("metric", name, weights=record)
