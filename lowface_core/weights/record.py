"""Records of weights: what the plugins registered, where each file is kept, and whether it is the right one."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import platformdirs

from lowface_core.errors import WeightsError, listing, nearest
from lowface_core.registry.hookspecs import Weights
from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import Component

CHUNK = 1 << 20
EMBEDDED, HERE, MISSING, WRONG = "embedded", "here", "missing", "wrong hash"


def home() -> Path:
    """Folder of downloaded weights: ``LOWFACE_HOME``, else ``lowface`` in the user's cache folder."""
    if os.environ.get("LOWFACE_HOME"):
        return Path(os.environ["LOWFACE_HOME"]).expanduser()
    return platformdirs.user_cache_path("lowface", appauthor=False)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, as lower-case hexadecimal text."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def noted_sum(note: Path) -> str | None:
    """The SHA-256 that was noted in a file, as ``sha256sum`` writes it; None where there is none."""
    words = note.read_text("utf-8", errors="replace").split() if note.is_file() else []
    return words[0] if words else None


def package_file(component: Component, relative: str, package: str | None = None, extra: str | None = None) -> Path:
    """A file that ships inside the plugin's package, or inside another installed one.

    Raises:
        WeightsError: the package does not hold it.
    """
    package = package or component.package
    spec = importlib.util.find_spec(package)
    roots = list(spec.submodule_search_locations or []) if spec else []
    if spec and not roots and spec.origin:
        roots = [str(Path(spec.origin).parent)]
    for root in roots:
        if (Path(root) / relative).is_file():
            return Path(root) / relative
    owner = component.distribution if package == component.package else package
    cure = f'pip install "{component.distribution}[{extra}]"' if extra else f"reinstall {owner}"
    raise WeightsError(f"weights: {package} does not ship {relative}; {cure}")


@dataclass(frozen=True)
class Record:
    """Weights that may be asked for by name.

    Attributes:
        component: whose weights they are.
        key: their name there: what ``weights=`` says in a config.
    """

    component: Component
    key: str

    @property
    def entry(self) -> Weights:
        """What the plugin states of them."""
        return self.component.weights[self.key]

    @property
    def name(self) -> str:
        """What ``lowface weights`` calls them: ``component/key``."""
        return f"{self.component.name}/{self.key}"

    @property
    def owned(self) -> str:
        """How messages call them, after the word weights."""
        return f"{self.key!r} of {self.component.kind} {self.component.name!r}"

    @property
    def embedded(self) -> bool:
        """Whether they ship inside an installed package, the plugin's or a library's."""
        return self.entry.file is not None

    @property
    def owner(self) -> str:
        """Who ships an embedded file: a library's import name, else the plugin's distribution."""
        return self.entry.package or self.component.distribution

    @property
    def filename(self) -> str | None:
        """What their publisher calls the file; None where the record does not say."""
        return self.entry.filename or PurePosixPath(urlsplit(self.entry.url or "").path).name or None

    @property
    def path(self) -> Path:
        """Where the file is, or will be once fetched or added.

        Raises:
            WeightsError: the plugin's package lacks a file that it should ship.
        """
        if self.entry.file is not None:
            return package_file(self.component, self.entry.file, self.entry.package, self.entry.extra)
        suffix = PurePosixPath(self.filename or "").suffix or ".pth"
        return home() / self.component.distribution / f"{self.component.name}-{self.key}{suffix}"

    @property
    def noted(self) -> Path:
        """Where the SHA-256 of a file is noted whose record has none, so that later damage shows."""
        return self.path.with_name(self.path.name + ".sha256")

    @property
    def sha256(self) -> str | None:
        """The expected SHA-256, in lower case: the record's (perhaps its first digits only, as some publishers' file
        names have them), that of an embedded file's training record, or the one noted when the file came."""
        if self.entry.sha256:
            return str(self.entry.sha256).lower()
        if not self.embedded:
            return noted_sum(self.noted)
        try:
            trained = package_file(self.component, self.entry.record or "")
        except WeightsError:
            return None
        return json.loads(trained.read_text("utf-8")).get("sha256")

    def present(self) -> bool:
        """Whether there is a file, right or wrong."""
        try:
            return self.path.is_file()
        except WeightsError:
            return False

    def state(self) -> str:
        """``embedded``, ``here``, ``missing`` or ``wrong hash``; reads the whole file if there is one."""
        if not self.present():
            return MISSING
        if self.sha256 and not sha256_of(self.path).startswith(self.sha256):
            return WRONG
        return EMBEDDED if self.embedded else HERE

    def verify(self) -> str:
        """Compares the file with the expected SHA-256.

        Returns:
            The file's SHA-256.

        Raises:
            WeightsError: there is no file, or it is another one; the message has both hashes, and opens with the
                file.
        """
        path = self.path
        if not path.is_file():
            raise WeightsError(f"{path}: is missing; {self.how()}")
        found = sha256_of(path)
        if self.sha256 and not found.startswith(self.sha256):
            again = "fetch it again" if self.entry.url else f"add it again ({self.adding()})"
            cure = f"reinstall {self.owner}" if self.embedded else f"delete the file to {again}"
            raise WeightsError(f"{path}: SHA-256 is {found}, expected {self.sha256}; {cure}")
        return found

    def adding(self) -> str:
        """The command that adds a file fetched by hand."""
        return f"lowface weights add {unique_name(self)} {self.entry.filename or 'FILE'}"

    def how(self) -> str:
        """How to get the file, for the end of a message."""
        if self.entry.extra:
            return f'pip install "{self.component.distribution}[{self.entry.extra}]"'
        if self.entry.url:
            return f"lowface weights fetch {unique_name(self)}"
        file = f"{self.entry.filename} " if self.entry.filename else ""
        return f"{file}must be fetched by hand from {self.entry.source}; then: {self.adding()}"


def records() -> list[Record]:
    """Every record of every plugin that loaded, by name."""
    found = [Record(c, key) for c in plugins().components() for key in c.weights]
    return sorted(found, key=lambda r: (r.name, r.component.plugin, r.component.kind))


def _spellings(record: Record) -> tuple[str, ...]:
    """Names that mean a record, shortest first; later ones tell namesakes of other plugins or kinds apart."""
    c = record.component
    return tuple(f"{way}/{record.key}" for way in (*c.spellings, f"{c.kind}:{c.full_name}"))


def unique_name(record: Record, among: list[Record] | None = None) -> str:
    """The shortest name that means this record and no other."""
    others = [s for r in (records() if among is None else among) if r != record for s in _spellings(r)]
    return next((s for s in _spellings(record) if s not in others), record.name)


def known(name: str) -> Record | None:
    """The record of that name; None where there is none, or several share it."""
    try:
        return find(name)
    except WeightsError:
        return None


def find(name: str) -> Record:
    """The record of that name.

    Args:
        name: ``component/key``, e.g. ``vgg16/imagenet``; ``distribution/component/key`` where plugins share a name.

    Raises:
        WeightsError: there is none (names the nearest), or several.
    """
    every = records()
    hits = [r for r in every if name in _spellings(r)]
    if len(hits) == 1:
        return hits[0]
    if hits:
        ways = " or ".join(sorted(unique_name(r, every) for r in hits))
        raise WeightsError(f"weights {name!r} are claimed {len(hits)} times; write {ways}")
    names = [unique_name(r, every) for r in every]
    raise WeightsError(f"unknown weights {name!r}{nearest(name, names)}; known: {listing(names)}")
