"""What the plugin registers, and that registering is cheap."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys

import lowface_semantic


def registered():
    found = {}

    def register(name, factory, **facts):
        found[name] = (factory, facts)

    lowface_semantic.register_heads(register)
    lowface_semantic.register_losses(register)
    return found


def test_names():
    assert set(registered()) == {"deeplabv3plus", "deeplabv3plus_mobilenet", "semantic_brightness"}


def test_every_target_exists():
    for factory, facts in registered().values():
        for target in filter(None, (factory, facts.get("pretrain"))):
            module, _, attribute = target.partition(":")
            assert callable(getattr(importlib.import_module(module), attribute))


def test_embedded_weights_have_a_record():
    record = registered()["deeplabv3plus"][1]["weights"]["embedded"]
    assert record["arguments"]["backbone"] == "small"
    assert {"file", "record", "licence", "source"} <= set(record)


def test_registering_imports_no_torch():
    code = """
import sys, lowface_semantic
lowface_semantic.register_heads(lambda *a, **k: None); lowface_semantic.register_losses(lambda *a, **k: None)
assert not {"torch", "mmseg", "mmengine", "numpy"} & set(sys.modules)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
