"""Fixtures of the core's tests: resolved tiny configs, plugins made on the spot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lowface_core import hookimpl
from lowface_core.registry import loader
from lowface_core.registry.discovery import Plugin, discover
from lowface_core.registry.registration import HOOKS


@pytest.fixture
def resolved(write_config: Callable[..., Path], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """A resolved tiny config with its work dir inside the test's folder."""
    from lowface_core.config.load import load

    def resolve(**changes: Any) -> dict[str, Any]:
        return load(str(write_config(**{"work_dir": str(tmp_path / "run"), **changes})))

    return resolve


def make_plugin(components: Mapping[str, Mapping[str, Any]], **hooks: Callable[..., Any]) -> ModuleType:
    """A module that registers components: kind → name → factory, or (factory, facts); ``hooks`` are added as well."""
    module = ModuleType("made_plugin")

    def registering(offer: Mapping[str, Any]) -> Callable[..., None]:
        def hook(register: Any) -> None:
            for name, factory in offer.items():
                made, facts = factory if isinstance(factory, tuple) else (factory, {})
                register(name, made, **facts)

        return hook

    for kind, offer in components.items():
        setattr(module, HOOKS[kind], hookimpl(registering(offer)))
    for name, hook in hooks.items():
        setattr(module, name, hookimpl(hook))
    return module


@dataclass
class MadeEntry:
    """Stands for an entry point of an installed distribution."""

    loads: Any

    def load(self) -> Any:
        if isinstance(self.loads, BaseException):
            raise self.loads
        return self.loads


@pytest.fixture
def add_plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Adds a plugin to those installed: ``add_plugin({"loss": {"nan": NanLoss}}, distribution="stranger", entry="x")``.

    Instead of components it takes ``loads``: the object behind the entry point, or an exception that loading it raises.
    """
    installed = discover()
    added: list[Plugin] = []
    monkeypatch.setattr(loader, "discover", lambda: [replace(each, components=[]) for each in (*installed, *added)])

    def add(
        components: Mapping[str, Mapping[str, Any]] | None = None,
        distribution: str = "stranger",
        entry: str = "made",
        loads: Any = None,
        **hooks: Callable[..., Any],
    ) -> None:
        loads = make_plugin(components or {}, **hooks) if loads is None else loads
        key = f"{distribution}:{entry}"
        added[:] = [each for each in added if each.key != key]
        added.append(Plugin(key, distribution, "1.0", entry, f"made_{entry}", MadeEntry(loads)))
        loader.plugins.cache_clear()

    loader.plugins.cache_clear()
    yield add
    loader.plugins.cache_clear()
