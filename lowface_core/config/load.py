"""Reading a config: a file or a shipped name, options from the command line, ``{data_root}`` filled in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from lowface_core.config.formats import read_file
from lowface_core.config.settings import BESIDE, MANY, NEEDED, SETTINGS, TOP_LEVEL, Setting, parts
from lowface_core.errors import ConfigError, listing, nearest

SUFFIXES = (".py", ".yaml", ".yml", ".json")
HOLE = re.compile(r"\{(\w+)\}")


def shipped_folder() -> Path:
    """The configs that ship with the package; beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "configs"
    return inside if inside.is_dir() else package.parent / "configs"


def shipped() -> dict[str, Path]:
    """Shipped configs by name (``lowfacenet``, ``heads/parser_rendered``); what lies under ``_base_`` is left out."""
    root = shipped_folder()
    found = (p for p in sorted(root.rglob("*")) if p.suffix in SUFFIXES and "__pycache__" not in p.parts)
    return {
        str(p.relative_to(root).with_suffix("")): p
        for p in found
        if not p.name.startswith("_") and "_base_" not in p.parts
    }


def find(name: str) -> Path:
    """The file a config argument means: an existing file, or a shipped name with or without ``configs/`` and suffix.

    The folder may be left out of a name that no other shipped config has: ``faces_shared``.

    Raises:
        ConfigError: neither; names the nearest shipped config.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return path
    bare = name.removeprefix("configs/")
    for suffix in SUFFIXES:
        bare = bare.removesuffix(suffix)
    configs = shipped()
    inside = [name for name in configs if name.rpartition("/")[2] == bare]
    if bare in configs or len(inside) == 1:
        return configs[bare if bare in configs else inside[0]]
    raise ConfigError(f"{name}: no such config file{nearest(bare, configs)}; shipped configs: {listing(configs)}")


def read(name: str) -> dict[str, Any]:
    """A config as a plain dict, ``_base_`` files merged in, without the helpers that begin with ``_``.

    Raises:
        ConfigError: see :func:`find` and :func:`lowface_core.config.formats.read_file`.
    """
    content = read_file(find(name), shipped())
    return {key: value for key, value in content.items() if not key.startswith("_")}


def parse_option(text: str) -> tuple[list[str], Any]:
    """``a.b=c`` → (["a", "b"], value); the value is a Python literal, ``true``/``false``/``null``, or text.

    Raises:
        ConfigError: there is no ``=``, or nothing before it.
    """
    path, equals, raw = text.partition("=")
    if not equals or not all(path.split(".")):
        raise ConfigError(f"--cfg-options {text}: write it as path.in.config=value")
    words = {"true": True, "false": False, "null": None, "none": None}
    if raw.lower() in words:
        return path.split("."), words[raw.lower()]
    try:
        return path.split("."), ast.literal_eval(raw)
    except (ValueError, SyntaxError):
        return path.split("."), raw


def apply_options(cfg: dict[str, Any], options: Iterable[str]) -> None:
    """Sets each ``a.b=c`` in the config; ``a.b=null`` under a section of named entries removes the entry.

    Raises:
        ConfigError: the path does not lead into the config.
    """
    for option in options:
        keys, value = parse_option(option)
        if keys[0] not in TOP_LEVEL:
            raise ConfigError(f"{keys[0]}: unknown config key{nearest(keys[0], TOP_LEVEL)}")
        node: Any = cfg
        for depth, key in enumerate(keys[:-1]):
            if isinstance(node, dict) and key not in node and depth == 0:
                node[key] = {}
            offered = list(node) if isinstance(node, dict) else []
            inside = node[int(key)] if isinstance(node, list) and key.isdigit() and int(key) < len(node) else None
            node = node.get(key) if isinstance(node, dict) else inside
            if not isinstance(node, (dict, list)):
                where = ".".join(keys[: depth + 1])
                raise ConfigError(
                    f"{where}: --cfg-options {option}: there is nothing to set inside it{nearest(key, offered)}"
                )
        if isinstance(node, list):
            if not keys[-1].isdigit() or int(keys[-1]) >= len(node):
                raise ConfigError(f"{'.'.join(keys)}: the list has {len(node)} entries")
            node[int(keys[-1])] = value
        elif value is None and len(keys) == 2 and keys[0] in (*MANY, *NEEDED["benchmark"]):
            if node.pop(keys[1], None) is None:
                raise ConfigError(f"{'.'.join(keys)}: nothing there to remove{nearest(keys[1], node)}")
        else:
            node[keys[-1]] = value


def fill_all(value: Any, settings: Mapping[str, Any] | None = None, path: str = "") -> tuple[Any, list[str]]:
    """A config, or a value of it, with ``{data_root}`` and other top-level settings filled into its texts.

    Args:
        settings: by default the value's own.
        path: where the value stands in the config.

    Returns:
        the value, and for each text that refers to a setting without a value a line that says which option supplies it.
    """
    settings, faults = value if settings is None else settings, list[str]()

    def each(value: Any, path: str) -> Any:
        if isinstance(value, dict):
            return {key: each(inner, f"{path}.{key}".lstrip(".")) for key, inner in value.items()}
        if isinstance(value, list):
            return [each(inner, f"{path}.{place}") for place, inner in enumerate(value)]
        return HOLE.sub(partial(one, path), value) if isinstance(value, str) else value

    def one(path: str, hole: re.Match[str]) -> str:
        name = hole.group(1)
        if name not in SETTINGS:
            faults.append(f"{path}: {{{name}}} is not a setting{nearest(name, SETTINGS)}")
        elif settings.get(name) is None:
            faults.append(f"{path}: needs {name}; add --cfg-options {name}=FOLDER")
        else:
            return str(settings[name])
        return hole.group(0)

    return each(value, path), faults


def fill(value: Any, settings: Mapping[str, Any] | None = None, path: str = "") -> Any:
    """The value of :func:`fill_all`.

    Raises:
        ConfigError: a text cannot be filled in; a line for each.
    """
    filled, faults = fill_all(value, settings, path)
    if faults:
        raise ConfigError("\n".join(faults))
    return filled


def set_defaults(cfg: dict[str, Any]) -> None:
    """Adds the settings that a config leaves out, and makes numbers of texts that spell one where a number belongs."""
    for key, setting in SETTINGS.items():
        cfg[key] = _number(cfg.get(key, setting.default), setting)
    for part in parts(cfg):
        for key in part.reserved:
            if isinstance(part.spec, dict) and key in part.spec:
                part.spec[key] = _number(part.spec[key], BESIDE[key])


def _number(value: Any, setting: Setting) -> Any:
    try:
        return setting.accepted(value) if isinstance(value, str) else value
    except ValueError:
        return value  # which the check reports


def load(name: str | None, options: Iterable[str] = (), overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The resolved config: file, then ``--cfg-options``, then dedicated flags; defaults and ``{…}`` filled in.

    Args:
        name: see :func:`find`; None: settings alone.

    Raises:
        ConfigError: anything that makes the config unreadable; see also :func:`lowface_core.config.check.check_config`.
    """
    cfg = {} if name is None else read(name)
    apply_options(cfg, options)
    cfg.update({k: v for k, v in (overrides or {}).items() if v is not None})
    set_defaults(cfg)
    return fill(cfg)
