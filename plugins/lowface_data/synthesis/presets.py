"""Named ways to make low-light sets, for ``lowface synthesize``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Preset:
    """A degradation and what a whole set of its pictures must look like.

    Attributes:
        help: one line.
        degradation: component config.
        level: mean brightness of the set, None to take it as it comes.
        tolerance: of the level.
        min_size: shortest side in pixels; smaller pictures are left out.
    """

    help: str
    degradation: dict[str, Any] = field(default_factory=dict)
    level: float | None = None
    tolerance: float = 0.01
    min_size: int = 1


# The level is ours: what the released interval gives on CelebA-HQ (0.4 x 0.43), so that it is left as it is there.
PRESETS = {
    "lowfacenet-train": Preset(
        "Algorithm 1: ratio 0.35-0.45, accepted by the set's mean brightness",
        {"type": "linear", "low": 0.35, "high": 0.45},
        level=0.17,
    ),
    "lowfacenet-dark": Preset(
        "the shipped CelebA recipe's stronger darkening, ratio 0.10-0.35",
        {"type": "linear", "low": 0.10, "high": 0.35},
    ),
    "celeba-test-ii": Preset("CelebA-Test-II as published: gamma 2.15-2.25 and faint noise", {"type": "gamma_noise"}),
    "celeba-test-ii-released": Preset(
        "CelebA-Test-II as the released script makes it", {"type": "gamma_noise", "legacy": True}
    ),
    "sensor": Preset("a short exposure: linear light, shot and read noise", {"type": "sensor"}),
}
