"""The project about itself: hooks, step names, public names, silent imports."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lowface_core.registry import hookspecs
from lowface_core.registry.hook_validation import hook_arguments
from lowface_core.registry.hookspecs import hookimpl
from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import FACTS, HOOKS
from lowface_core.step.names import BATCH, ENHANCER, HEADS, METRICS

Stranger = Callable[..., Path]
Tool = Callable[[str], ModuleType]

#: Every hook, implemented by a package that notes what it is called with, and a command that makes it fire.
NOTING = """
import lowface_core as lf

NOTES = []


@lf.hookimpl
def {hook}({arguments}):
    NOTES.append(dict({noted}))
    return {result}
"""
FIRED_BY = {hook: ["list-plugins"] for hook in HOOKS.values()} | {
    "register_commands": ["--help"],
    "check_config": ["config", "check", "lowfacenet"],
}


@pytest.mark.parametrize("hook", hook_arguments())
def test_every_hook_fires_with_exactly_its_documented_arguments(hook: str, lowface: Any, stranger: Stranger) -> None:
    assert hook in FIRED_BY, f"{hook} is new: say here which command makes it fire"
    arguments = hook_arguments()[hook]
    result = "['the hook was here']" if hook == "check_config" else "None"
    noted = ", ".join(f"{name}={name}" for name in arguments)
    text = NOTING.format(hook=hook, arguments=", ".join(arguments), noted=noted, result=result)
    stranger("noting-package", text)
    done = lowface(*FIRED_BY[hook])
    if hook == "check_config":
        assert done.err == "lowface: the hook was here\n"
    notes = sys.modules["noting_package"].NOTES
    assert len(notes) == 1  # once
    assert set(notes[0]) == set(arguments)
    assert all(value is not None for value in notes[0].values())


@pytest.mark.parametrize("hook", hook_arguments())
def test_every_hook_has_a_documented_exact_signature(hook: str, root: Path, tool: Tool) -> None:
    function = getattr(hookspecs, hook)
    assert inspect.getdoc(function)
    assert all(p.annotation is not p.empty for p in inspect.signature(function).parameters.values())
    page = (root / "docs" / "plugins" / "reference.md").read_text(encoding="utf-8")
    assert f"```python\n{tool('make_docs').signature(function)}\n```" in page
    assert tool("make_docs").prose(function) in page


def test_no_hook_is_missing_from_the_kinds() -> None:
    assert set(HOOKS.values()) | {"check_config", "register_commands"} == set(hook_arguments())
    assert hookimpl.project_name == hookspecs.PROJECT


def test_every_fact_is_documented(tool: Tool) -> None:
    assert set(tool("make_docs").facts()) == set(FACTS)


def test_every_name_that_shipped_parts_read_or_supply_is_documented() -> None:
    from lowface_core.step.wiring import reads

    known = set(BATCH) | set(ENHANCER)
    heads = {"features", "parser", "face", "classifier"}  # keys by which shipped parts ask for heads
    unknown = []
    for component in plugins().components():
        if component.distribution != "lowface":
            continue
        factory: Any = component.resolve()
        if component.kind == "enhancer":
            wanted = set(getattr(factory, "outputs", ()))
        elif component.kind == "loss" and inspect.isclass(factory):
            wanted = set(reads(factory.forward).all) - heads
        elif component.kind == "metric" and inspect.isclass(factory):
            wanted = set(reads(factory.update).all) - heads - set(METRICS)
        elif component.kind == "head" and inspect.isclass(factory):
            forward = inspect.signature(factory.forward).parameters.values()
            wanted = {p.name for p in forward if p.kind is p.KEYWORD_ONLY} - set(HEADS)
        else:
            continue
        unknown += [f"{component.kind} {component.name}: {name}" for name in sorted(wanted - known)]
    assert unknown == [], "document these in lowface_core/step/names.py, or call them by a documented name"


def test_no_public_name_has_vanished(root: Path, tool: Tool) -> None:
    names = tool("record_names")
    gone = set(names.recorded(root / names.RECORD)) - set(names.inventory())
    assert not gone, (
        f"vanished: {', '.join(sorted(gone))}. Somebody's config, script or plugin relies on it. If it is on purpose, "
        "run python tools/record_names.py and say so in CHANGELOG.md"
    )


@pytest.mark.parametrize("module", ["lowface_core", "lowface_core.cli", "lowface_core.testing", "lowface_core.doctor"])
def test_importing_is_silent_and_free_of_torch(module: str, tmp_path: Path, python: Callable[..., Any]) -> None:
    heavy = ("torch", "torchvision", "mmengine", "numpy", "cv2", "PIL")
    script = f"import sys, {module}; sys.exit(', '.join(m for m in {heavy!r} if m in sys.modules) or None)"
    done = python("-W", "default", "-c", script, cwd=tmp_path)
    assert (done.code, done.out, done.err) == (0, "", "")
