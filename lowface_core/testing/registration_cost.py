"""What registering a plugin costs and prints: looked at in a process of its own, where nothing is imported yet."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from lowface_core.registry.loader import Plugin

#: Packages that take long to import. ``lowface --help`` and ``lowface list-plugins`` load every plugin.
HEAVY = (
    "cv2",
    "facenet_pytorch",
    "jax",
    "matplotlib",
    "mmcv",
    "mmengine",
    "mmseg",
    "pandas",
    "scipy",
    "skimage",
    "sklearn",
    "tensorflow",
    "timm",
    "torch",
    "torchvision",
    "transformers",
)
_PROBE = """
import json, sys
import click
from lowface_core.registry import loader
heavy = set(sys.argv[2:])
before = heavy & set(sys.modules)
every = loader.load_plugins()
found = every.loaded
for plugin in found:
    every.call(plugin, "register_commands", cli=click.Group())
printed = "".join(getattr(plugin, "printed", "") for plugin in found)
seen = {"heavy": sorted(heavy & set(sys.modules) - before), "found": len(found)}
seen["printed"] = printed
seen["error"] = next((p.error for p in found if p.error), None)
open(sys.argv[1], "w").write(json.dumps(seen))
"""


@dataclass(frozen=True)
class Registering:
    """What happened.

    Attributes:
        found: whether an installed distribution has this entry point.
        heavy: packages of :data:`HEAVY` that were imported.
        printed: what was printed, stdout and stderr.
        error: why the plugin did not load; None when it did.
    """

    found: bool
    heavy: list[str] = field(default_factory=list)
    printed: str = ""
    error: str | None = None


@functools.cache
def _probed(key: str, path: str) -> Registering:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "seen.json"
        done = subprocess.run(
            [sys.executable, "-c", _PROBE, str(answer), *HEAVY],
            env={**os.environ, "LOWFACE_PLUGINS": key, "LOWFACE_STRICT": "0"},
            cwd=os.getcwd(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if not answer.is_file():
            return Registering(True, error=(done.stderr.strip().splitlines() or ["no message"])[-1])
        content = json.loads(answer.read_text())
    printed = content["printed"] or done.stdout + done.stderr
    return Registering(bool(content["found"]), content["heavy"], printed, content["error"])


def registering(plugin: Plugin) -> Registering:
    """Loads the plugin alone, in a new process; once a plugin."""
    return _probed(plugin.key, os.environ.get("PYTHONPATH", ""))
