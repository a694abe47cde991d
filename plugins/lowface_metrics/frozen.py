"""Networks inside metrics: frozen, one copy in memory however many metrics ask for the same one; and whose they are."""

from __future__ import annotations

import functools
import hashlib
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from torch import nn

from lowface_core.step.head_bank import freeze
from lowface_core.weights.record import sha256_of

Network = TypeVar("Network", bound=nn.Module)
_alive: weakref.WeakValueDictionary[tuple[object, ...], nn.Module] = weakref.WeakValueDictionary()


def frozen(name: str, files: tuple[str | Path, ...], build: Callable[[], Network]) -> Network:
    """The network that ``build`` makes of these files, frozen; the same object as long as anybody holds it.

    ``name`` says what ``build`` makes; files alone do not.
    """
    key = (name, *(fact for file in files for fact in _facts(Path(file))))
    network = _alive.get(key)
    if network is None:
        network = freeze(build())
        _alive[key] = network
    return network  # type: ignore[return-value]


def _facts(file: Path) -> tuple[object, ...]:
    """Changes when the file does."""
    if not file.is_file():
        return (str(file),)  # building says what is wrong
    facts = file.stat()
    return str(file.resolve()), facts.st_mtime_ns, facts.st_size


def marked(variant: str, files: Iterable[tuple[str | Path, str | None]]) -> str:
    """The variant's name; with the first digits of a hash behind it unless all its files are the known ones.

    A number depends on the weights it was measured with. Published ones need no mention; other files of the same layout
    make it another measurement. Files come with the SHA-256 they are known by, or its first digits, or None.
    """
    digests = [(_digest(*_facts(Path(file))), known) for file, known in files]
    if all(known and digest.startswith(known) for digest, known in digests):
        return variant
    return f"{variant}-{hashlib.sha256(''.join(digest for digest, _ in digests).encode()).hexdigest()[:8]}"


@functools.lru_cache(maxsize=32)
def _digest(file: str, *facts: object) -> str:
    return sha256_of(Path(file))
