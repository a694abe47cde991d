"""What registering a plugin costs and prints: looked at in a process of its own, where nothing is imported yet."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from lowface_core.registry.loader import Plugin

#: Packages that take long to import. ``lowface --help`` and ``lowface list-plugins`` load every plugin.
HEAVY = (
    *("cv2", "facenet_pytorch", "jax", "matplotlib", "mmcv", "mmengine", "mmseg", "pandas", "scipy", "skimage"),
    *("sklearn", "tensorflow", "timm", "torch", "torchvision", "transformers"),
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
seen = {
    "found": len(found),
    "heavy": sorted(heavy & set(sys.modules) - before),
    "printed": "".join(plugin.printed for plugin in found),
    "error": next((plugin.error for plugin in found if plugin.error), None),
}
open(sys.argv[1], "w").write(json.dumps(seen))
"""


class Registering(NamedTuple):
    """What happened.

    Attributes:
        heavy: packages of :data:`HEAVY` that were imported.
        printed: what was printed, stdout and stderr.
        error: why the plugin did not load; None when it did.
    """

    heavy: list[str]
    printed: str
    error: str | None


@functools.cache
def _probed(key: str, path: str) -> Registering | None:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "seen.json"
        done = subprocess.run(
            [sys.executable, "-c", _PROBE, str(answer), *HEAVY],
            env={**os.environ, "LOWFACE_PLUGINS": key, "LOWFACE_STRICT": "0"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if not answer.is_file():
            return Registering([], "", (done.stderr.strip().splitlines() or ["no message"])[-1])
        seen = json.loads(answer.read_text())
    if not seen["found"]:
        return None
    return Registering(seen["heavy"], seen["printed"] or done.stdout + done.stderr, seen["error"])


def registering(plugin: Plugin) -> Registering | None:
    """Loads the plugin alone, in a new process, once; None where no installed distribution has this entry point."""
    return _probed(plugin.key, os.environ.get("PYTHONPATH", ""))
