"""Reading config files, Python, YAML and JSON, with the ``_base_`` files they build on."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from lowface_core.errors import ConfigError, listing, nearest
from lowface_core.files import read_text

BASE, DELETE = "_base_", "_delete_"
#: No config comes near; a file that would unfold to more (a YAML alias of aliases of …) is refused.
DEEPEST, LARGEST = 64, 100_000


def read_file(path: Path, shipped: Mapping[str, Path], above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The content of a config file, merged into that of its bases.

    ``_base_`` is a file beside the config or the name of a shipped one, with or without ``.py``, or a list of these. A
    file beside the config goes first, so that no config changes its meaning by what lowface ships. What a derived
    config says goes over its base, dict by dict; ``_delete_=True`` in a dict drops what the base has there.

    Args:
        shipped: configs by name, see :func:`lowface_core.config.load.shipped`.
        above: the files that build on this one.

    Raises:
        ConfigError: a file cannot be read, which names file and line where Python does; a base is missing, or leads
            back to a file that builds on it; something is dropped that the base does not have.
    """
    if path.resolve() in above:
        raise ConfigError(f"{above[-1]}: _base_ leads back to {path}; a config cannot build on itself")
    try:
        text = read_text(path)
        read = _reader(path, text)
        merged: dict[str, Any] = {}
        for base in read.bases():
            found = read_file(_base_path(base, path, shipped), shipped, (*above, path.resolve()))
            twice = sorted(merged.keys() & found.keys())
            if twice:
                raise ConfigError(f"{path}: {listing(twice)}: in more than one file of _base_")
            merged.update(found)
        return merge(merged, plain(read.content(merged)), "")
    except ConfigError:
        raise
    except SyntaxError as error:
        raise ConfigError(f"{path}, line {error.lineno}: {error.msg}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: its parts stand too deep inside each other") from error
    except (Exception, SystemExit) as error:
        raise ConfigError(f"{path}: {type(error).__name__}: {' '.join(str(error).split())}") from error


def _base_path(base: Any, config: Path, shipped: Mapping[str, Path]) -> Path:
    beside = config.parent / Path(str(base)).expanduser()
    name = str(base).removesuffix(".py")
    if beside.is_file():
        return beside
    if name in shipped:
        return shipped[name]
    raise ConfigError(
        f"{config}: _base_ {base!r} is neither a file beside it{nearest(name, shipped)} "
        f"nor a shipped config: {listing(shipped)}"
    )


def merge(base: dict[str, Any], over: Mapping[str, Any], path: str) -> dict[str, Any]:
    """``base`` with what ``over`` says, dict by dict; neither is changed.

    Raises:
        ConfigError: something is to be dropped that is not there, or a dict stands where the base has no dict.
    """
    merged = dict(base)
    for key, value in over.items():
        where = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict):
            rest = {k: v for k, v in value.items() if k != DELETE}
            deletes = bool(value.get(DELETE))
            if deletes and not rest:
                if key not in base:
                    raise ConfigError(f"{where}: nothing there to remove{nearest(key, base)}")
                del merged[key]
                continue
            old = {} if deletes or base.get(key) is None else base[key]
            if not isinstance(old, dict):
                raise ConfigError(f"{where}: is {old!r} in the base; add _delete_=True to put a dict in its place")
            merged[key] = merge(old, rest, where)
        else:
            merged[key] = value
    return merged


def plain(value: Any, depth: int = 0) -> Any:
    """The same data as dicts, lists and scalars only, so that it prints, compares and pickles like data.

    Raises:
        RecursionError: it is deeper than any config is.
    """
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(value, Mapping):
        return {str(k): plain(v, depth + 1) for k, v in value.items()}
    return [plain(v, depth + 1) for v in value] if isinstance(value, (list, tuple)) else value


def _reader(path: Path, text: str) -> _Python | _Data:
    if path.suffix == ".py":
        return _Python(path, text)
    return _Data(path, json.loads(text) if path.suffix == ".json" else _yaml(text))


class _Data:
    """A file of data, whose ``_base_`` stands among its top-level keys."""

    def __init__(self, path: Path, data: Any) -> None:
        if not isinstance(data, dict):
            raise ConfigError(f"{path}: must hold a dict of sections and settings at its top level")
        self._base = data.pop(BASE, [])
        self._data = data

    def bases(self) -> list[Any]:
        return self._base if isinstance(self._base, list) else [self._base]

    def content(self, base: Mapping[str, Any]) -> dict[str, Any]:
        return self._data


class _Loader(yaml.SafeLoader):
    """Safe: data only, no tag makes an object. ``1e-4`` is a number, as in YAML 1.2; PyYAML's 1.1 wants ``1.0e-4``."""


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?\d+[eE][-+]?\d+\Z"), list("-+0123456789"))


def _yaml(text: str) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return {}
        _measure(node, {})
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _measure(node: yaml.Node, known: dict[int, int]) -> int:
    """How many nodes a YAML node unfolds to, aliases written out; raises for more than a config can need."""
    if id(node) not in known:
        known[id(node)] = LARGEST  # of a node that holds itself
        inside = node.value if isinstance(node, yaml.CollectionNode) else []
        parts = [part for each in inside for part in (each if isinstance(each, tuple) else (each,))]
        known[id(node)] = 1 + sum(_measure(part, known) for part in parts)
    if known[id(node)] >= LARGEST:
        raise ValueError(f"its aliases unfold to more than {LARGEST} entries")
    return known[id(node)]


class _Python:
    """A Python file. Its names are its keys; ``_base_`` is read without running it, and inside it is what they hold."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.tree = path, ast.parse(text, str(path))

    def bases(self) -> list[Any]:
        for statement in self.tree.body:
            if isinstance(statement, ast.Assign) and [ast.unparse(t) for t in statement.targets] == [BASE]:
                self.tree.body.remove(statement)
                found = ast.literal_eval(statement.value)
                return list(found) if isinstance(found, (list, tuple)) else [found]
        return []

    def content(self, base: Mapping[str, Any]) -> dict[str, Any]:
        names: dict[str, Any] = {"__file__": str(self.path), BASE: _Names(base)}
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(self.tree, str(self.path), "exec"), names)
        code = (types.ModuleType, types.FunctionType, type)
        return {k: v for k, v in names.items() if k != BASE and not k.startswith("__") and not isinstance(v, code)}


class _Names(dict[str, Any]):
    """A dict whose keys are attributes too: ``_base_.lr``."""

    def __getattr__(self, name: str) -> Any:
        try:
            value = self[name]
        except KeyError:
            raise AttributeError(f"_base_ has no {name!r}{nearest(name, self)}") from None
        return _Names(value) if isinstance(value, dict) else value
