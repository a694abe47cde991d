"""Who somebody is: everything about a head that stays the same in all its pictures."""

from __future__ import annotations

import dataclasses

import numpy as np

from lowface_core.data.keyed_rng import keyed_rng
from lowface_data.rendered import palette
from lowface_data.rendered.palette import Colour

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


@dataclasses.dataclass(frozen=True)
class Traits:
    """One identity. Lengths are canonical units (the face is about 1.1 wide); see the package's docstring."""

    feminine: float  # 0..1, shifts many other traits; no class of its own
    age: float  # 0..1 over adult life
    tone: float
    skin: Colour
    # Outline: half widths at cheekbone, cheek, jaw and chin (the last three relative to the first), chin's height.
    face_width: float
    cheek: float
    jaw: float
    chin_width: float
    chin: float
    ear_size: float
    ear_out: float
    # Eyes and brows.
    eye_x: float
    eye_y: float
    eye_width: float
    eye_height: float
    eye_tilt: float
    hood: float
    iris_kind: int
    iris: Colour
    brow_y: float
    brow_thick: float
    brow_arch: float
    brow_length: float
    brow_tilt: float
    brow_colour: Colour
    # Nose and mouth.
    nose_y: float
    nose_width: float
    bridge_width: float
    nose_height: float
    mouth_y: float
    mouth_width: float
    upper_lip: float
    lower_lip: float
    lip: Colour
    makeup: float
    # Hair.
    hair_style: int
    hair_kind: int
    hair: Colour
    hairline: float
    hair_top: float
    hair_side: float
    part: float
    recession: float
    hair_length: float
    # Marks and wear.
    beard: int
    beard_colour: Colour
    freckles: float
    moles: tuple[tuple[float, float], ...]
    wrinkles: float
    cheekbones: float
    glasses: int
    glasses_colour: Colour
    texture: int  # seed of what is fixed in the skin and the hair


def _pick(rng: np.random.Generator, odds: np.ndarray) -> int:
    return int(rng.choice(len(odds), p=odds / odds.sum()))


def _hair_kind(rng: np.random.Generator, tone: float, age: float) -> int:
    light = np.array([8, 18, 20, 13, 7, 14, 14, 0, 0], dtype=float)
    dark = np.array([70, 22, 5, 1, 0.3, 0.3, 0.4, 0, 0], dtype=float)
    odds = light + (dark - light) * np.clip((tone - 0.25) / 0.35, 0, 1)
    odds[7:] = np.array([60, 35]) * np.clip((age - 0.55) / 0.45, 0, 1) ** 1.3 * 2.2
    return _pick(rng, odds)


def draw_traits(identity: int, seed: int = 0) -> Traits:
    """The traits of an identity: a function of ``(seed, identity)`` alone.

    Args:
        identity: number of the identity, at least 0.
        seed: seed of the whole population, at least 0.
    """
    rng = keyed_rng(seed, identity)

    def between(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    feminine = float(np.clip(rng.choice([0.15, 0.85]) + rng.normal(0, 0.15), 0, 1))
    age = float(rng.beta(1.3, 1.6))
    tone = float(rng.uniform() ** 1.15)
    skin = palette.skin(tone, float(rng.normal(0, 0.7)))
    style = _pick(rng, _STYLE_ODDS[0] + (_STYLE_ODDS[1] - _STYLE_ODDS[0]) * feminine)
    kind = _hair_kind(rng, tone, age)
    hair = palette.hair(kind, rng.standard_normal(3))
    iris_odds = (
        np.array([10, 22, 15, 12, 28, 13], dtype=float) * (1 - tone) ** 2 + np.array([80, 25, 2, 0, 0, 0]) * tone**0.8
    )
    iris_kind = _pick(rng, iris_odds)
    beard = _pick(rng, np.array([45, 22, 9, 10, 16.0])) if feminine < 0.5 else 0
    glasses = _pick(rng, np.array([72, 9, 13, 6.0]))
    red = np.array([0.72, 0.33, 0.34]) if tone < 0.6 else np.array([0.47, 0.21, 0.20])
    makeup = float(rng.beta(1.2, 1.4) * feminine)
    lip = skin * (1 - 0.42) + red * 0.42
    lip = lip + (np.array([between(0.55, 0.8), 0.12, between(0.15, 0.32)]) - lip) * 0.62 * makeup
    grey = palette.HAIR_COLOURS.index("grey")
    return Traits(
        feminine=feminine,
        age=age,
        tone=tone,
        skin=skin,
        face_width=between(0.50, 0.60) - 0.025 * feminine,
        cheek=between(0.86, 0.95),
        jaw=between(0.66, 0.86) - 0.07 * feminine,
        chin_width=between(0.26, 0.46) - 0.06 * feminine,
        chin=between(0.79, 0.92) - 0.03 * feminine,
        ear_size=between(0.8, 1.15),
        ear_out=between(-0.01, 0.025),
        eye_x=between(0.215, 0.27),
        eye_y=between(-0.05, 0.0),
        eye_width=between(0.110, 0.138),
        eye_height=between(0.042, 0.068) + 0.008 * feminine,
        eye_tilt=between(-0.10, 0.22),
        hood=between(0, 1),
        iris_kind=iris_kind,
        iris=palette.iris(iris_kind, rng.standard_normal(3)),
        brow_y=between(0.115, 0.17) + 0.02 * feminine,
        brow_thick=between(0.024, 0.058) - 0.014 * feminine,
        brow_arch=between(0.0, 0.06),
        brow_length=between(0.14, 0.185),
        brow_tilt=between(-0.12, 0.16),
        brow_colour=np.clip(hair * (0.62 if kind > 3 else 0.9) + (0.0 if kind else 0.02), 0, 1).astype(np.float32),
        nose_y=between(0.26, 0.37),
        nose_width=between(0.095, 0.15) + 0.03 * max(0.0, tone - 0.5) - 0.012 * feminine,
        bridge_width=between(0.045, 0.075),
        nose_height=between(0.13, 0.22),
        mouth_y=between(0.475, 0.535),
        mouth_width=between(0.165, 0.235),
        upper_lip=between(0.026, 0.052) + 0.012 * feminine + 0.012 * max(0.0, tone - 0.5),
        lower_lip=between(0.038, 0.07) + 0.012 * feminine + 0.014 * max(0.0, tone - 0.5),
        lip=np.clip(lip, 0, 1).astype(np.float32),
        makeup=makeup,
        hair_style=style,
        hair_kind=kind,
        hair=hair,
        hairline=between(-0.57, -0.46),
        hair_top=between(0.03, 0.13),
        hair_side=between(0.025, 0.085),
        part=between(-0.75, 0.75),
        recession=between(0, 1) * (1 - feminine),
        hair_length=between(0, 1),
        beard=beard,
        beard_colour=np.clip(hair * (0.85 if kind != grey else 1.1), 0, 1).astype(np.float32),
        freckles=between(0.3, 1) if tone < 0.45 and rng.uniform() < 0.2 else 0.0,
        moles=tuple((between(-0.38, 0.38), between(0.08, 0.66)) for _ in range(int(rng.integers(0, 3)))),
        wrinkles=float(np.clip(age * 1.4 - 0.35, 0, 1)),
        cheekbones=between(0.3, 1.3),
        glasses=glasses,
        glasses_colour=(palette.rgb(0.08, 0.07, 0.07) if rng.uniform() < 0.55 else palette.cloth(rng) * 0.6),
        texture=int(rng.integers(0, 2**31)),
    )


def identity_traits(identity: int, seed: int = 0) -> dict[str, int]:
    """What can be named about an identity, as class numbers: supervision for a feature network.

    Returns:
        dict of name → class: ``skin`` (6 tones, 0 lightest), ``hair_style`` (:data:`HAIR_STYLES`), ``hair_colour``
        (:data:`palette.HAIR_COLOURS`), ``glasses`` (:data:`GLASSES`), ``beard`` (:data:`BEARDS`), ``iris``
        (:data:`palette.IRIS_COLOURS`), and of three classes each (small, middle, large) ``face_width``, ``jaw``,
        ``lips``, ``brow``, ``nose_width``, ``age``; ``freckles`` is 0 or 1.
    """
    who = draw_traits(identity, seed)

    def third(value: float, low: float, high: float) -> int:
        return int(np.clip((value - low) / (high - low) * 3, 0, 2))

    return {
        "skin": int(np.clip(who.tone * palette.SKIN_BINS, 0, palette.SKIN_BINS - 1)),
        "hair_style": who.hair_style,
        "hair_colour": who.hair_kind,
        "glasses": who.glasses,
        "beard": who.beard,
        "iris": who.iris_kind,
        "face_width": third(who.face_width, 0.475, 0.60),
        "jaw": third(who.jaw, 0.59, 0.86),
        "lips": third(who.upper_lip + who.lower_lip, 0.07, 0.15),
        "brow": third(who.brow_thick, 0.01, 0.058),
        "nose_width": third(who.nose_width, 0.083, 0.165),
        "age": third(who.age, 0.0, 1.0),
        "freckles": int(who.freckles > 0),
    }
