"""What a benchmark compares: methods and data sets, as a config says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lowface_core.config.settings import SETTINGS
from lowface_core.runs import checkpoint as checkpoints
from lowface_core.weights.record import known, sha256_of

#: Kinds of measurement: key of a data set's config → kind of result.
KINDS = {"metrics": "evaluation", "identification": "identification", "verification": "verification"}
#: Keys of a method's config that are no keywords of its enhancer.
OWN = ("checkpoint", "optional")
#: The row of the pictures as they are, and that of their references.
UNTOUCHED, NORMAL = "no processing", "normal light"


@dataclass(frozen=True)
class Method:
    """An enhancer: a component by ``type`` and keywords, or a ``checkpoint``, or both for a state dict file.

    Attributes:
        optional: left out, rather than missed, where its files are not there.
    """

    name: str
    enhancer: dict[str, Any]
    checkpoint: str | None = None
    optional: bool = False

    @classmethod
    def of(cls, name: str, spec: Mapping[str, Any]) -> Method:
        """The method that an entry of ``methods`` describes."""
        enhancer = {key: value for key, value in spec.items() if key not in OWN}
        return cls(name, enhancer, spec.get("checkpoint"), bool(spec.get("optional", False)))

    def identity(self) -> dict[str, Any]:
        """Plain data that differ where the network does: its config, and the SHA-256 of every file that it names."""
        texts = [value for value in (self.checkpoint, *self.enhancer.values()) if isinstance(value, str)]
        files = {text: _file(text) for text in texts}
        digests = {text: sha256_of(file) for text, file in files.items() if file is not None}
        return {"enhancer": self.enhancer, "checkpoint": self.checkpoint, "sha256": digests}


def _file(text: str) -> Path | None:
    """The file that a text means, if it means one that is here; of a work dir its checkpoint, of a record its own."""
    path = Path(text).expanduser()
    if path.is_dir():
        return checkpoints.in_work_dir(path, (checkpoints.BEST, checkpoints.LAST))
    record = None if path.is_file() else known(text)
    if record is not None and record.present():
        return record.path
    return path if path.is_file() else None


@dataclass(frozen=True)
class DataSet:
    """Pictures, and what is measured on them.

    Attributes:
        dataset: config of the data set.
        measured: ``metrics``, ``identification`` or ``verification``.
        options: metrics by name, or keywords of the recognition.
        heads: those that metrics read.
    """

    name: str
    dataset: dict[str, Any]
    measured: str
    options: dict[str, Any]
    heads: dict[str, Any]

    @classmethod
    def of(cls, name: str, spec: Mapping[str, Any]) -> DataSet:
        """The data set that an entry of ``datasets`` describes."""
        measured = next(key for key in KINDS if key in spec)
        return cls(name, dict(spec["dataset"]), measured, dict(spec[measured]), dict(spec.get("heads") or {}))

    @property
    def kind(self) -> str:
        """Kind of the results."""
        return KINDS[self.measured]


@dataclass(frozen=True)
class Plan:
    """A whole benchmark; plain data, so that processes can be handed it.

    Attributes:
        title: name of the config.
        reference: the method that others are tested against; None: the best of each column.
        settings: plain settings of the config.
    """

    title: str
    methods: tuple[Method, ...]
    datasets: tuple[DataSet, ...]
    reference: str | None
    settings: dict[str, Any]

    @classmethod
    def of(cls, title: str, cfg: Mapping[str, Any]) -> Plan:
        """The plan of a checked config."""
        return cls(
            title,
            tuple(Method.of(name, spec) for name, spec in cfg["methods"].items()),
            tuple(DataSet.of(name, spec) for name, spec in cfg["datasets"].items()),
            cfg.get("reference"),
            {key: cfg[key] for key in SETTINGS},
        )


def cell_folder(root: Path, dataset: str, method: str) -> Path:
    """The result folder of a method on a data set."""
    return root / "cells" / dataset / method.replace(" ", "-")
