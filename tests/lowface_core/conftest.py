"""Fixtures of the core's tests: tiny configs that need no weights, plugins made on the spot, the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lowface_core import hookimpl
from lowface_core.registry import loader
from lowface_core.registry.discovery import Source, discover
from lowface_core.registry.registration import HOOKS

DARKENING = {"type": "linear", "low": 0.1, "high": 0.3}
FACES = {"type": "rendered_faces", "size": 32, "identities": 4, "pictures": 2, "degradation": DARKENING}
TINY: dict[str, Any] = {
    "enhancer": {"type": "retinex", "channels": 4, "illumination_channels": 1, "init": "he"},
    "losses": {
        "brightness_cr": {"type": "brightness_cr", "weight": 1.0, "eps": 0.05},
        "color": {"type": "color", "weight": 0.5},
        "smoothness": {"type": "smoothness", "weight": 0.05},
    },
    "train_dataset": {**FACES, "contrast": True},
    "max_iters": 2,
    "batch_size": 2,
    "lr": 1e-3,
    "device": "cpu",
    "samples": 1,
}
JUDGED: dict[str, Any] = {
    "val_dataset": {**FACES, "first_identity": 100, "identities": 2, "pictures": 1},
    "test_dataset": {**FACES, "first_identity": 200, "identities": 2, "pictures": 1},
    "metrics": {"psnr": {"type": "psnr"}},
}


@pytest.fixture
def write_config(tmp_path: Path) -> Callable[..., Path]:
    """Writes ``tiny.json`` into the test's folder; keywords replace top-level names, ``judged`` adds val and test."""

    def write(judged: bool = False, **changes: Any) -> Path:
        path = tmp_path / "tiny.json"
        path.write_text(json.dumps({**TINY, **(JUDGED if judged else {}), **changes}))
        return path

    return write


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
    added: list[Source] = []
    monkeypatch.setattr(loader, "discover", lambda: [*installed, *added])

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
        added.append(Source(key, distribution, "1.0", entry, f"made_{entry}", MadeEntry(loads)))
        loader.plugins.cache_clear()

    loader.plugins.cache_clear()
    yield add
    loader.plugins.cache_clear()
