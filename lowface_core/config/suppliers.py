"""Which plugin supplies each part of a config."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lowface_core.config.settings import MANY, ONE
from lowface_core.errors import ConfigError
from lowface_core.registry import components
from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import Component


@dataclass(frozen=True)
class Part:
    """One component config inside a config.

    Attributes:
        path: where it stands, e.g. ``heads.face.encoder``.
        kind: what stands there.
        spec: the dict.
        component: who it means; None when nobody offers it.
        error: why nobody does, in one line.
    """

    path: str
    kind: str
    spec: Any
    component: Component | None
    error: str | None

    @property
    def plugin(self) -> str | None:
        """Key of the plugin."""
        return self.component.plugin if self.component else None

    @property
    def version(self) -> str | None:
        """Version of the plugin's distribution."""
        return next((p.version for p in plugins().loaded if p.key == self.plugin), None)

    @property
    def note(self) -> str:
        """Plugin and version, or why there is none, for a comment in one line."""
        return f"{self.plugin} {self.version}" if self.plugin else f"no plugin: {' '.join(str(self.error).split())}"

    def plain(self) -> dict[str, Any]:
        """The part as plain data."""
        asked = self.spec.get("type") if isinstance(self.spec, Mapping) else None
        return {"kind": self.kind, "type": asked, "plugin": self.plugin, "version": self.version, "error": self.error}


def parts(cfg: Mapping[str, Any]) -> Iterator[Part]:
    """Every part of a config with its plugin; a part that nobody offers does not hide the others."""
    for section, kind in ONE.items():
        if cfg.get(section) is not None:
            yield from _walk(section, kind, cfg[section])
    for section, kind in MANY.items():
        entries = cfg.get(section)
        for name, spec in entries.items() if isinstance(entries, Mapping) else ():
            yield from _walk(f"{section}.{name}", kind, spec)


def _walk(path: str, kind: str, spec: Any) -> Iterator[Part]:
    try:
        component = components.component_of(kind, spec, path)
    except ConfigError as error:
        yield Part(path, kind, spec, None, str(error))
        return
    yield Part(path, kind, spec, component, None)
    for part, part_kind in component.parts.items():
        if isinstance(spec.get(part), Mapping):
            yield from _walk(f"{path}.{part}", part_kind, spec[part])
