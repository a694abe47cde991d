"""Who somebody is: everything about a head that stays the same in all its pictures."""

from __future__ import annotations

import numpy as np

from lowface_core.data.keyed_rng import keyed_rng
from lowface_data.rendered import palette

HAIR_STYLES = (
    "bald", "receding", "buzz", "short", "side part", "quiff", "fringe",
    "bob", "long straight", "long wavy", "bun", "curly",
)  # fmt: skip
BEARDS = ("none", "stubble", "moustache", "goatee", "full")
GLASSES = ("none", "round", "rectangular", "rimless")
# How likely each hair style is at the masculine and at the feminine end.
_STYLE_ODDS = np.array(
    [[5, 6, 11, 22, 14, 13, 7, 0, 3, 3, 1, 7], [0.2, 0, 1.5, 5, 3, 1, 10, 18, 20, 20, 13, 8]], dtype=float
)


def _pick(rng: np.random.Generator, odds: np.ndarray) -> int:
    return int(rng.choice(len(odds), p=odds / odds.sum()))


def _hair_kind(rng: np.random.Generator, tone: float, age: float) -> int:
    light = np.array([8, 18, 20, 13, 7, 14, 14, 0, 0], dtype=float)
    dark = np.array([70, 22, 5, 1, 0.3, 0.3, 0.4, 0, 0], dtype=float)
    odds = light + (dark - light) * np.clip((tone - 0.25) / 0.35, 0, 1)
    odds[7:] = np.array([60, 35]) * np.clip((age - 0.55) / 0.45, 0, 1) ** 1.3 * 2.2
    return _pick(rng, odds)


class Traits:
    """One identity: a function of ``(seed, identity)`` alone.

    Lengths are canonical units (the face is about 1.1 wide); see the package's docstring.

    Args:
        identity: number of the identity, at least 0.
        seed: seed of the whole population, at least 0.
    """

    def __init__(self, identity: int, seed: int = 0) -> None:
        rng = keyed_rng(seed, identity)

        def between(low: float, high: float) -> float:
            return float(rng.uniform(low, high))

        # 0..1, shifts many other traits; no class of its own
        self.feminine = feminine = float(np.clip(rng.choice([0.15, 0.85]) + rng.normal(0, 0.15), 0, 1))
        self.age = age = float(rng.beta(1.3, 1.6))  # 0..1 over adult life
        self.tone = tone = float(rng.uniform() ** 1.15)
        self.skin = palette.skin(tone, float(rng.normal(0, 0.7)))
        self.hair_style = _pick(rng, _STYLE_ODDS[0] + (_STYLE_ODDS[1] - _STYLE_ODDS[0]) * feminine)
        kind = _hair_kind(rng, tone, age)
        self.hair = hair = palette.hair(kind, rng.standard_normal(3))
        iris_odds = (
            np.array([10, 22, 15, 12, 28, 13], dtype=float) * (1 - tone) ** 2
            + np.array([80, 25, 2, 0, 0, 0]) * tone**0.8
        )
        iris_kind = _pick(rng, iris_odds)
        self.beard = _pick(rng, np.array([45, 22, 9, 10, 16.0])) if feminine < 0.5 else 0
        self.glasses = _pick(rng, np.array([72, 9, 13, 6.0]))
        red = np.array([0.72, 0.33, 0.34]) if tone < 0.6 else np.array([0.47, 0.21, 0.20])
        self.makeup = float(rng.beta(1.2, 1.4) * feminine)
        lip = self.skin * (1 - 0.42) + red * 0.42
        lip = lip + (np.array([between(0.55, 0.8), 0.12, between(0.15, 0.32)]) - lip) * 0.62 * self.makeup
        # Outline: half widths at cheekbone, cheek, jaw and chin (the last three relative to the first), chin's height.
        self.face_width = between(0.50, 0.60) - 0.025 * feminine
        self.cheek = between(0.86, 0.95)
        self.jaw = between(0.66, 0.86) - 0.07 * feminine
        self.chin_width = between(0.26, 0.46) - 0.06 * feminine
        self.chin = between(0.79, 0.92) - 0.03 * feminine
        self.ear_size = between(0.8, 1.15)
        self.ear_out = between(-0.01, 0.025)
        # Eyes and brows.
        self.eye_x = between(0.215, 0.27)
        self.eye_y = between(-0.05, 0.0)
        self.eye_width = between(0.110, 0.138)
        self.eye_height = between(0.042, 0.068) + 0.008 * feminine
        self.eye_tilt = between(-0.10, 0.22)
        self.hood = between(0, 1)
        self.iris = palette.iris(iris_kind, rng.standard_normal(3))
        self.brow_y = between(0.115, 0.17) + 0.02 * feminine
        self.brow_thick = between(0.024, 0.058) - 0.014 * feminine
        self.brow_arch = between(0.0, 0.06)
        self.brow_length = between(0.14, 0.185)
        self.brow_tilt = between(-0.12, 0.16)
        brow = hair * (0.62 if kind > 3 else 0.9) + (0.0 if kind else 0.02)
        self.brow_colour = np.clip(brow, 0, 1).astype(np.float32)
        # Nose and mouth.
        self.nose_y = between(0.26, 0.37)
        self.nose_width = between(0.095, 0.15) + 0.03 * max(0.0, tone - 0.5) - 0.012 * feminine
        self.bridge_width = between(0.045, 0.075)
        self.nose_height = between(0.13, 0.22)
        self.mouth_y = between(0.475, 0.535)
        self.mouth_width = between(0.165, 0.235)
        self.upper_lip = between(0.026, 0.052) + 0.012 * feminine + 0.012 * max(0.0, tone - 0.5)
        self.lower_lip = between(0.038, 0.07) + 0.012 * feminine + 0.014 * max(0.0, tone - 0.5)
        self.lip = np.clip(lip, 0, 1).astype(np.float32)
        # Hair.
        self.hairline = between(-0.57, -0.46)
        self.hair_top = between(0.03, 0.13)
        self.hair_side = between(0.025, 0.085)
        self.part = between(-0.75, 0.75)
        self.recession = between(0, 1) * (1 - feminine)
        self.hair_length = between(0, 1)
        # Marks and wear.
        beard = hair * (0.85 if palette.HAIR_COLOURS[kind] != "grey" else 1.1)
        self.beard_colour = np.clip(beard, 0, 1).astype(np.float32)
        self.freckles = between(0.3, 1) if tone < 0.45 and rng.uniform() < 0.2 else 0.0
        self.moles = tuple((between(-0.38, 0.38), between(0.08, 0.66)) for _ in range(int(rng.integers(0, 3))))
        self.wrinkles = float(np.clip(age * 1.4 - 0.35, 0, 1))
        self.cheekbones = between(0.3, 1.3)
        self.glasses_colour = palette.rgb(0.08, 0.07, 0.07) if rng.uniform() < 0.55 else palette.cloth(rng) * 0.6
        self.texture = int(rng.integers(0, 2**31))  # seed of what is fixed in the skin and the hair
