"""What both commands prepare alike: recogniser, enhancer, degradation, device, and the record of it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from lowface_core.config.build import build_from
from lowface_core.config.load import parse_option
from lowface_core.config.resources import weights_faults
from lowface_core.device import pick
from lowface_core.errors import ConfigError, WeightsError
from lowface_core.inference import load_enhancer
from lowface_core.runs import manifest as run_manifest
from lowface_face.gallery_cache import settings_key
from lowface_recognition.bootstrap import DRAWS, LEVEL
from lowface_recognition.recogniser import Recogniser, described, face_config
from lowface_recognition.stages import Degradation, Stages


@dataclass(frozen=True)
class Settings:
    """Options that ``identify`` and ``verify`` share, as the command line gives them."""

    enhancer: str | None
    enhancer_options: tuple[str, ...]
    degradation: str | None
    degradation_options: tuple[str, ...]
    config: str
    cfg_options: tuple[str, ...]
    title: str | None
    device: str
    seed: int
    batch_size: int
    work_dir: str | None
    overwrite: bool


class Prepared:
    """Everything checked and, as far as it is cheap, built; the recogniser is built when it is first needed.

    Attributes:
        stages: makes the pictures.
        title: name of the method.
        recogniser: its config, as a result holds it.
        degradation: config of the darkening, or None.

    Raises:
        LowfaceError: anything the options name is unknown or faulty.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.device = pick(settings.device)
        self.degradation = _degradation(settings)
        darken: Degradation | None = None
        if self.degradation is not None:
            darken = build_from("degradation", self.degradation, "--degradation")
        self._spec = face_config(settings.config, settings.cfg_options)
        if faults := weights_faults({"heads": {"face": self._spec}}):
            raise WeightsError("\n".join(faults))
        self.recogniser = described(self._spec)
        enhancer = _enhancer(settings)
        self._weights = settings_key((enhancer,)) if enhancer is not None else None
        self.title = settings.title or _name(settings)
        self.stages = Stages(darken, enhancer, settings.seed, self.device)

    def build(self) -> Recogniser:
        """The recogniser, on the device."""
        return Recogniser(self._spec, self.device)

    def protocol(self) -> dict[str, Any]:
        """How the pictures were made and the intervals computed, for a result."""
        return {
            "degradation": self.degradation,
            "enhancer": self._weights,
            "seed": self.settings.seed,
            "bootstrap": {"over": "people", "draws": DRAWS, "level": LEVEL},
        }

    def request(self, **more: Any) -> dict[str, Any]:
        """What is computed, by which an interrupted command is known again."""
        return {
            "title": self.title,
            "recogniser": self.recogniser,
            "protocol": self.protocol(),
            "batch_size": self.settings.batch_size,
            "device": str(self.device),
            **more,
        }

    def manifest(self, seconds: float, folders: Mapping[str, Path | None]) -> dict[str, Any]:
        """Versions, weights, command and times, for a result."""
        told = run_manifest.manifest({"seed": self.settings.seed, "heads": {"face": self._spec}}, {}, self.device)
        folder_names = {name: str(folder) for name, folder in folders.items() if folder is not None}
        return {**told, "data": folder_names, "enhancer": self.settings.enhancer, "seconds": round(seconds, 1)}


def parse_options(options: Sequence[str], flag: str) -> dict[str, Any]:
    """``KEY=VALUE`` words as keyword arguments.

    Raises:
        ConfigError: a word is written otherwise.
    """
    parsed = {}
    for text in options:
        if not text.partition("=")[1] or "." in text.partition("=")[0]:
            raise ConfigError(f"{flag} {text}: write it as keyword=value, an interval as keyword=0.04,0.10")
        (key,), value = parse_option(text)
        parsed[key] = list(value) if isinstance(value, tuple) else value
    return parsed


def _enhancer(settings: Settings) -> nn.Module | None:
    if settings.enhancer is None:
        if settings.enhancer_options:
            raise ConfigError("--enhancer-options: belong to an enhancer; add --enhancer NAME, e.g. gamma")
        return None
    options = parse_options(settings.enhancer_options, "--enhancer-options")
    return load_enhancer(settings.enhancer, options or None, settings.device)


def _degradation(settings: Settings) -> dict[str, Any] | None:
    if settings.degradation is None:
        if settings.degradation_options:
            raise ConfigError("--degradation-options: belong to a degradation; add --degradation NAME, e.g. sensor")
        return None
    options = parse_options(settings.degradation_options, "--degradation-options")
    return {"type": settings.degradation, **options}


def _name(settings: Settings) -> str:
    """The method's name: of a work dir, of the folder of its checkpoint, of a file, or the enhancer's own."""
    if settings.enhancer is None:
        return "no enhancement"
    path = Path(settings.enhancer)
    if path.is_dir():
        return path.resolve().name
    if path.is_file():
        return path.resolve().parent.name if path.stem in ("last", "best") else path.stem
    return " ".join([settings.enhancer, *settings.enhancer_options])
