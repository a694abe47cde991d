"""What every data set of picture files shares: samples from entries, darkening, contrast pictures, gallery."""

from __future__ import annotations

import inspect
import itertools
import logging
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np

from lowface_core.data.dataset import Dataset
from lowface_core.data.images import resize_image
from lowface_core.data.objects import Objects
from lowface_core.errors import ConfigError, DataError
from lowface_core.progress import tracked
from lowface_core.registry.bounds import Count
from lowface_data.contrast import Contrast, OtherIdentity, hash_of
from lowface_data.degradations import Degradation
from lowface_data.folders.layout import Entry
from lowface_data.folders.picture_store import PictureStore

logger = logging.getLogger("lowface")
_ORDER = ("low", "normal", "positive", "negative", "labels", "identity", "landmarks", "key")
#: One argument in a docstring: its name, and all of its lines.
_ARGUMENT = re.compile(r"^        (\w+): .*\n(?:            .*\n)*", re.MULTILINE)
#: The line of a docstring that stands for the arguments of the base class.
_PLACE = re.compile(r"^        \*\*shared: .*\n", re.MULTILINE)


class FileDataset(Dataset):
    """Samples from files; a subclass finds the files and says what they are.

    Items carry what the entries have, ``low`` also given a degradation, and ``positive`` and ``negative`` given
    contrast pictures. Shapes are those of the Dataset contract.

    A subclass hands on its ``**shared``, and takes every keyword below but those named by ``without=``, as in
    ``class Mine(FileDataset, without=("gallery_size",))``.

    Args:
        root: the folder that messages and the fingerprint refer to.
        entries: one a sample; all have the same fields. Only the first ``limit`` are asked for.
        size: pictures and maps become size x size (pictures antialiased, maps by nearest pixel, landmarks move along);
            None keeps each file's size.
        degradation: makes ``low`` from ``normal`` where there are no low-light files; applied at the final size.
        contrast: adds ``positive`` and ``negative``: the normal-light picture of a sample of another identity and the
            low-light picture of a second one; of other samples, where identities are unknown.
        contrast_from: a data set that supplies the two instead, e.g. ``dict(type="contrast", …)``.
        limit: only the first so many samples.
        skip_unreadable: decode every file now and leave out samples with a broken one, with a warning that lists the
            files; otherwise a broken file is an error when it is read.
        gallery_size: side of the gallery pictures, where a detector needs more than training does; None: ``size``.
        cache: where decoded pictures are kept, see :func:`lowface_data.cache.make_cache`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: no sample, or no other identity to draw from.
    """

    #: The registered name, for messages.
    registered = "files"
    #: Where pictures are looked for, for messages.
    layout = "any pictures"
    #: Where low-light files come from, for messages.
    low_folder = "low-light files"

    def __init_subclass__(cls, without: Sequence[str] = (), **others: Any) -> None:
        super().__init_subclass__(**others)
        _name_shared_keywords(cls, without)

    def __init__(
        self,
        root: Path,
        entries: Iterable[Entry],
        *,
        size: Count | None = None,
        degradation: Degradation | None = None,
        contrast: bool = False,
        contrast_from: Dataset | None = None,
        limit: Count | None = None,
        skip_unreadable: bool = False,
        gallery_size: Count | None = None,
        cache: bool | Mapping[str, Any] = True,
    ) -> None:
        self.root, self.degradation, self._contrast_from = root, degradation, contrast_from
        self._store = PictureStore(size, cache)
        self._gallery_store = PictureStore(gallery_size, cache=False) if gallery_size else self._store
        #: The files of each sample, in order.
        self.entries = list(itertools.islice(entries, limit))
        if not self.entries:
            raise DataError(f"{root}: holds no pictures; the layout is {self.layout}")
        if skip_unreadable:
            self._drop_unreadable()
        first = self.entries[0]
        if first.low is not None and degradation is not None:
            logger.warning(
                "%s: low-light pictures are read from %s; the degradation is not used", root, self.low_folder
            )
        has_low = first.low is not None or (degradation is not None and first.normal is not None)
        drawn = contrast and contrast_from is None
        if drawn and not has_low:
            raise ConfigError(
                f"{self.registered}: contrast=True needs low-light pictures, and {root} has neither {self.low_folder} "
                "nor Contrast/; give a degradation, such as dict(type='linear')"
            )
        self.identities = tuple(sorted({entry.identity for entry in self.entries if entry.identity is not None}))
        place = {identity: i for i, identity in enumerate(self.identities)}
        self._identity = [place.get(entry.identity or "", i) for i, entry in enumerate(self.entries)]
        self._other = OtherIdentity(self._identity, root) if drawn else None
        has = {
            "low": has_low,
            "normal": first.normal is not None,
            "positive": contrast or contrast_from is not None,
            "labels": first.labels is not None,
            "identity": bool(self.identities),
            "landmarks": first.landmarks is not None,
            "key": True,
        }
        self.names = tuple(name for name in _ORDER if has["positive" if name == "negative" else name])

    def __len__(self) -> int:
        return len(self.entries)

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """One sample, see :meth:`lowface_core.data.dataset.Dataset.item`; darkening is drawn first, then contrast."""
        return self.draw(index, rng, index)

    def draw(self, index: int, rng: np.random.Generator, position: int) -> dict[str, Any]:
        """One sample, see :meth:`lowface_core.data.dataset.Dataset.draw`."""
        entry = self.entries[index]
        sample: dict[str, Any] = {"identity": self._identity[index], "key": entry.key}
        if entry.normal is not None:
            sample["normal"] = self._store.picture(entry.normal)
        if "low" in self.names:
            sample["low"] = self._low(entry, rng, sample.get("normal"))
        if entry.labels is not None:
            sample["labels"] = self._store.labels(entry.labels, like=entry.picture)
        if entry.landmarks is not None:
            sample["landmarks"] = self._store.landmarks(entry.landmarks, entry.picture)
        if "positive" in self.names:
            # Without a common size the sample's own picture sets it: losses compare the three pixel by pixel.
            shape = sample["normal" if "normal" in sample else "low"].shape[1:]
            pair = self._contrast(index, rng, position)
            sample["positive"], sample["negative"] = (resize_image(image, shape) for image in pair)
        return {name: sample[name] for name in self.names}

    def facts(self, index: int) -> dict[str, Any]:
        """``key`` and ``identity``, and where a protocol gives one ``role``, without reading a file."""
        entry = self.entries[index]
        role = {} if entry.role is None else {"role": entry.role}
        return {"key": entry.key, "identity": self._identity[index], **role}

    def objects(self, index: int) -> Objects | None:
        """See :meth:`lowface_core.data.dataset.Dataset.objects`; at this data set's ``size``."""
        entry = self.entries[index]
        return None if entry.boxes is None else self._store.objects(entry.boxes, entry.picture)

    def gallery(self) -> Iterator[dict[str, Any]]:
        """The first normal-light picture of each identity, by key, in the order of :attr:`identities`."""
        first: dict[int, Entry] = {}
        for identity, entry in zip(self._identity, self.entries, strict=True):
            first.setdefault(identity, entry)
        for identity in range(len(self.identities)):
            path = first[identity].normal
            if path is not None:
                yield {
                    "normal": self._gallery_store.picture(path),
                    "identity": identity,
                    "key": first[identity].key,
                }

    def fingerprint(self) -> str:
        """Class, length and a hash over the names and sizes in bytes of all files used."""
        files = {path for entry in self.entries for path in entry.files()}
        if isinstance(self._contrast_from, Contrast):
            files.update(self._contrast_from.files())
        return f"{type(self).__name__}:{len(self)}:{hash_of(sorted(files), self.root)}"

    def _low(self, entry: Entry, rng: np.random.Generator, normal: np.ndarray | None = None) -> np.ndarray:
        if entry.low is not None:
            return self._store.picture(entry.low, like=entry.normal)
        assert self.degradation is not None  # names holds "low" only with one of the two
        assert entry.normal is not None
        normal = self._store.picture(entry.normal) if normal is None else normal
        return np.asarray(self.degradation(normal, rng)[0], dtype=np.float32)

    def _contrast(self, index: int, rng: np.random.Generator, position: int) -> tuple[np.ndarray, np.ndarray]:
        """A positive and a negative picture for sample ``index``, drawn independently of each other."""
        if self._contrast_from is not None:
            pair = self._contrast_from.draw(position % len(self._contrast_from), rng, position)
            return pair["positive"], pair["negative"]
        assert self._other is not None
        positive = self.entries[self._other(index, rng)]
        return self._store.picture(positive.picture), self._low(self.entries[self._other(index, rng)], rng)

    def _drop_unreadable(self) -> None:
        found = {entry: self._store.faults(entry) for entry in tracked(self.entries, "looking for unreadable files")}
        for fault in (fault for some in found.values() for fault in some if fault.kind != "unreadable"):
            raise fault
        self.entries = [entry for entry, some in found.items() if not some]
        faults = [str(some[0]) for some in found.values() if some]
        if isinstance(self._contrast_from, Contrast):
            faults += self._contrast_from.drop_unreadable()
        if not self.entries:
            raise DataError(f"{self.root}: nothing is left without the unreadable files, the first being {faults[0]}")
        if faults:
            logger.warning("%s: %d samples left out: %s", self.root, len(faults), "; ".join(faults))


def _name_shared_keywords(cls: type[Any], without: Collection[str]) -> None:
    """Lets signature and docstring of a class whose ``__init__`` ends in ``**shared`` name what that hands on.

    The signature is the schema of a component's config, so a keyword that it does not name is refused.
    """
    init: Any = cls.__init__
    own = inspect.signature(init).parameters
    if "shared" not in own:
        return
    hints = get_type_hints(FileDataset.__init__, include_extras=True)
    shared = [
        parameter.replace(annotation=hints[name])
        for name, parameter in inspect.signature(FileDataset.__init__).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in without and name not in own
    ]
    init.__signature__ = inspect.Signature([p for name, p in own.items() if name != "shared"] + shared)
    del init.__annotations__["shared"]
    init.__annotations__.update((parameter.name, parameter.annotation) for parameter in shared)
    lines = {found[1]: found[0] for found in _ARGUMENT.finditer(FileDataset.__doc__ or "")}
    cls.__doc__ = _PLACE.sub(lambda _: "".join(lines[parameter.name] for parameter in shared), cls.__doc__ or "")
