"""What results of identification and verification hold."""

from __future__ import annotations

from typing import Any

from lowface_core.runs.result_schema import Figure, Part, Result, Stage


class Gallery(Part):
    """Who is enrolled with which pictures, and which of these show no face."""

    people: int
    pictures: list[str]
    undetected: list[str]


class OpenSetRate(Part):
    """True-positive identification rate at a false-positive identification rate; null with a note if unknown."""

    fpir: float
    tpir: Figure | None = None
    note: str | None = None


class IdentificationStage(Part):
    """Shares of probes, in [0,1]; ``cmc`` is the share recognised within each rank from the first on."""

    rank1: Figure | None = None
    rank5: Figure | None = None
    rank10: Figure | None = None
    undetected: Figure | None = None
    cmc: list[float | None] | None = None
    open_set: list[OpenSetRate] | None = None


class Pairs(Part):
    """How many pairs show one person, and how many two."""

    genuine: int
    impostor: int


class AcceptRate(Part):
    """True accept rate at a false accept rate; null with a note if unknown."""

    far: float
    tar: Figure | None = None
    note: str | None = None


class Roc(Part):
    """True over false accept rate, point by point."""

    far: list[float | None]
    tar: list[float | None]


class VerificationStage(Part):
    """Shares of pairs, in [0,1]."""

    accuracy: Figure | None = None
    auc: Figure | None = None
    eer: Figure | None = None
    undetected: Figure | None = None
    tar: list[AcceptRate] | None = None
    roc: Roc | None = None


class PairedTest(Part):
    """Whether the enhanced stage differs from the low one by chance: of what, ``mcnemar`` or ``bootstrap``, p-value."""

    of: str
    test: str
    p: float | None


class Recognition(Result):
    """What both kinds hold; ``gained`` and ``lost`` are keys of probes or pairs, ``change`` paired differences.

    ``trained_through`` tells whether the enhancer was trained through this recogniser; null where that is not known.
    """

    recogniser: dict[str, Any]
    trained_through: bool | None = None
    protocol: dict[str, Any]
    change: dict[str, Figure] | None = None
    tests: list[PairedTest] | None = None
    gained: list[str] | None = None
    lost: list[str] | None = None


class Identification(Recognition):
    """Probes searched in a gallery; ``probes`` counts them."""

    gallery: Gallery
    probes: int
    gained: list[str]
    lost: list[str]
    stages: dict[Stage, IdentificationStage]


class Verification(Recognition):
    """Pairs compared: one person or two."""

    pairs: Pairs
    stages: dict[Stage, VerificationStage]
