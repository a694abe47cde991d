"""What the package registers: names, directions, factories that exist, and no torch on the way."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import lowface_metrics


def registered() -> dict[str, tuple[str, dict[str, Any]]]:
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    lowface_metrics.register_metrics(lambda name, factory, **facts: found.update({name: (factory, facts)}))
    return found


def test_names_and_directions() -> None:
    assert {name: facts for name, (_, facts) in registered().items()} == {
        "psnr": {"better": "higher"},
        "ssim": {"better": "higher"},
        "rank1": {"better": "higher"},
    }


def test_factories_build_metrics() -> None:
    for factory, _ in registered().values():
        module, _, attribute = factory.partition(":")
        metric = getattr(importlib.import_module(module), attribute)()
        assert all(callable(getattr(metric, method)) for method in ("update", "compute", "reset"))


def test_registering_imports_no_torch() -> None:
    plugins = Path(lowface_metrics.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (plugins.parent, plugins)))}
    code = "import sys, lowface_metrics; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
