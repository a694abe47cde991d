"""What the package registers: names, directions, factories that exist, and no torch on the way."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import lowface_core as lf
import lowface_metrics
from lowface_core.errors import ConfigError, LowfaceError


def registered() -> dict[str, tuple[str, dict[str, Any]]]:
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    lowface_metrics.register_metrics(lambda name, factory, **facts: found.update({name: (factory, facts)}))
    return found


DIRECTIONS = {
    "psnr": "higher",
    "ssim": "higher",
    "rank1": "higher",
    "brightness": "higher",
    "brightness_error": "lower",
    "loe": "lower",
    "niqe": "lower",
    "lpips": "lower",
    "unique": "higher",
    "fid": "lower",
    "fid_features": "lower",
}
NEEDS_WEIGHTS = {"niqe", "lpips", "unique", "fid"}


def factory_of(name: str) -> Any:
    module, _, attribute = registered()[name][0].partition(":")
    return getattr(importlib.import_module(module), attribute)


def test_names_directions_and_sources() -> None:
    assert {name: facts["better"] for name, (_, facts) in registered().items()} == DIRECTIONS
    for _, facts in registered().values():
        assert re.search(r"19|20|BT", facts["source"])


@pytest.mark.parametrize("name", DIRECTIONS)
def test_what_every_metric_has(name: str) -> None:
    factory = factory_of(name)
    assert all(callable(getattr(factory, m)) for m in ("update", "compute", "reset", "state", "load_state"))
    assert isinstance(factory.variant, str)
    assert isinstance(factory.unit, str)
    assert "image" in inspect.signature(factory.update).parameters


@pytest.mark.parametrize("name", sorted(set(DIRECTIONS) - NEEDS_WEIGHTS - {"fid_features"}))
def test_metrics_without_weights_are_built_from_nothing(name: str) -> None:
    metric = factory_of(name)()
    assert metric.variant


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


def test_weights_say_licence_and_source() -> None:
    for name in NEEDS_WEIGHTS:
        for record in registered()[name][1]["weights"].values():
            assert record["licence"]
            assert record["source"]


def test_registering_imports_no_torch() -> None:
    plugins = Path(lowface_metrics.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (plugins.parent, plugins)))}
    code = "import sys, lowface_metrics; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
