"""How ``lowface synthesize`` makes a low-light set, and the named ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """What to make.

    Attributes:
        degradation: component config.
        seed: of every draw.
        level: mean brightness of the set, or None to take it as it comes; needs the degradation ``linear``.
        tolerance: of the level.
        min_size: shortest side of a picture in pixels; smaller ones are left out.
        suffix: ending of the low-light files, e.g. ``.png``.
        layout: of the source; None looks which one fits.
        skip_unreadable: leave broken pictures out instead of stopping.
    """

    degradation: dict[str, Any]
    seed: int = 0
    level: float | None = None
    tolerance: float = 0.01
    min_size: int = 1
    suffix: str = ".png"
    layout: str | None = None
    skip_unreadable: bool = False


#: Keywords of a :class:`Recipe` by the name of the preset.
PRESETS: dict[str, dict[str, Any]] = {
    # Algorithm 1. The level is ours: what the released interval gives on CelebA-HQ (0.4 x 0.43), so that it is left as
    # it is there.
    "lowfacenet-train": {"degradation": {"type": "linear", "low": 0.35, "high": 0.45}, "level": 0.17},
    # the stronger darkening of the shipped recipe for CelebA
    "lowfacenet-dark": {"degradation": {"type": "linear", "low": 0.10, "high": 0.35}},
    # as published, and as the released script makes it
    "celeba-test-ii": {"degradation": {"type": "gamma_noise"}},
    "celeba-test-ii-released": {"degradation": {"type": "gamma_noise", "legacy": True}},
    "sensor": {"degradation": {"type": "sensor"}},
}
