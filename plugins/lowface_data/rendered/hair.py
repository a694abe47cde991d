"""Hair: a part behind the head, a part in front of it, and strands on both."""

from __future__ import annotations

import dataclasses

import numpy as np

from lowface_data.rendered.canvas import Array, Canvas, Points, ellipse, mirrored, sample_noise, spline
from lowface_data.rendered.head import TOP
from lowface_data.rendered.pose import View
from lowface_data.rendered.traits import HAIR_STYLES, Traits

HAIR = 10


@dataclasses.dataclass(frozen=True)
class Cut:
    """What a style does: extra volume on top and at the sides, how low the sides reach."""

    top: float
    side: float
    low: float  # where the sides end, canonical height
    strands: str = "radial"  # radial, back, fall, wave, curl, short
    locks: float = 0.0  # width of the locks in front of the shoulders
    alpha: float = 1.0
    jitter: float = 0.008


CUTS = {
    "receding": Cut(0.0, 0.022, 0.06, strands="short"),
    "buzz": Cut(0.0, -0.005, 0.0, strands="short", alpha=0.72, jitter=0.003),
    "short": Cut(0.04, 0.012, 0.05, strands="radial", jitter=0.014),
    "side part": Cut(0.07, 0.022, 0.07, strands="radial", jitter=0.008),
    "quiff": Cut(0.15, 0.008, 0.03, strands="back", jitter=0.014),
    "fringe": Cut(0.06, 0.045, 0.16, strands="fall", jitter=0.010),
    "bob": Cut(0.07, 0.085, 0.62, strands="fall", locks=0.18),
    "long straight": Cut(0.045, 0.06, 1.25, strands="fall", locks=0.16),
    "long wavy": Cut(0.09, 0.10, 1.2, strands="wave", locks=0.24, jitter=0.020),
    "bun": Cut(0.02, 0.008, -0.05, strands="back", jitter=0.004),
    "curly": Cut(0.20, 0.15, 0.12, strands="curl", jitter=0.030),
}


def covers_ears(who: Traits) -> bool:
    """Whether the hair hides both ears."""
    cut = CUTS.get(HAIR_STYLES[who.hair_style])
    return cut is not None and cut.locks > 0


def _strand_field(canvas: Canvas, who: Traits, view: View, cut: Cut) -> Array:
    """Brightness of the strands, about 1, over the whole canvas."""
    axis = canvas.axis()
    x = np.broadcast_to(axis[None], (canvas.side, canvas.side))
    y = np.broadcast_to(axis[:, None], (canvas.side, canvas.side))
    a, b = np.float32(who.texture % 251), np.float32(who.texture % 233)
    part = np.float32(who.part * 0.3)
    if cut.strands == "curl":
        coarse, fine = sample_noise(x * 42 + a, y * 42 + b, 1.3), sample_noise(x * 80 + b, y * 80 + a, 0.8)
        return 1 + 0.26 * coarse + 0.14 * fine
    if cut.strands == "short":
        return 1 + 0.16 * sample_noise(x * 90 + a, y * 60 + b, 0.7)
    if cut.strands in ("radial", "back"):
        # Strands leave a whorl: the parting for combed hair, a point far below for hair drawn back.
        far = np.float32(TOP - 0.02 if cut.strands == "radial" else 1.2)
        dx, dy = x - part, y - far
        across = np.arctan2(dx, np.abs(dy) + 0.12) * (70 if cut.strands == "radial" else 190)
        along = np.sqrt(dx * dx + dy * dy) * 9
    else:
        bend = 0.035 * np.sin(y * 9 + np.sign(x) * 1.3 + a) if cut.strands == "wave" else 0.0
        # Falling hair spreads from the parting and then hangs.
        spread = np.clip((y - TOP) / 0.7, 0.06, 1)
        across = (x - part * (1 - spread) + bend) / (0.45 + 0.55 * spread) * 95
        along = y * 6
    fine = sample_noise(across + a, along + b, 0.8)
    coarse = sample_noise(across * 0.33 + b, along * 0.5 + a, 1.2)
    return 1 + 0.16 * fine + 0.17 * coarse


def _paint(
    canvas: Canvas, shape: Points, who: Traits, light: Array, alpha: float = 1.0, clip: Array | None = None
) -> None:
    colour = (who.hair * 0.97 + 0.012) * light[..., None]
    canvas.fill(shape, np.clip(colour, 0, 1).astype(np.float32), alpha, blur=0.005, label=HAIR, clip=clip)


def _rough(points: Points, amount: float, who: Traits, lumps: float = 24.0) -> Points:
    """An outline with locks standing out, the same in every picture of the identity."""
    step = np.arange(len(points), dtype=np.float32)[None] * np.float32(lumps / 10)
    noise = sample_noise(step + who.texture % 127, np.full_like(step, who.texture % 109), 1.0)[0]
    centre = np.array([0.0, -0.1])
    away = points - centre
    moved = points + away / np.hypot(away[:, 0], away[:, 1])[:, None] * (amount * noise)[:, None]
    return spline(moved, steps=3)  # locks are round, not cut out of paper


def _dome(who: Traits, cut: Cut, low: float) -> Points:
    """Outer contour from the left end of the hair over the crown to the right end."""
    w = who.face_width + cut.side + (0.6 * who.hair_side if cut.side > 0.03 else 0.15 * who.hair_side)
    top = TOP - cut.top - 0.5 * who.hair_top * (cut.top > 0)
    middle = -0.2
    lean = 0.04 * np.sign(who.part) * (cut.strands == "radial")
    angle = np.linspace(0, np.pi, 13)
    # A superellipse, a little squarer than an ellipse.
    x, y = np.cos(angle), np.sin(angle)
    arch = np.stack([-np.sign(x) * np.abs(x) ** 0.93 * w + lean * y**2, middle + (top - middle) * y**0.93], 1)
    foot = [(0.99, min(low, 0.05))]
    if low > 0.1:
        flare = 1.10 if cut.strands == "wave" else 1.03
        foot = [(flare if low > 0.5 else 0.95, low), (flare, (low + 0.05) / 2), *foot]
    left, right = [(-a * w, b) for a, b in foot], [(a * w, b) for a, b in foot[::-1]]
    return spline(np.concatenate([left, arch, right]), steps=4)


def _hairline(who: Traits, cut: Cut, style: str, view: View) -> Points:
    """Inner contour from the right sideburn over the forehead to the left one."""
    w, middle, back = who.face_width, who.hairline + 0.04, 0.10 * who.recession
    middle -= 0.02 * who.recession
    sway = 0.012 * view.tousle
    burn = min(cut.low, 0.12)
    if style == "fringe" or (style == "bob" and who.part > 0):
        edge = -0.30 + 0.08 * who.hair_length
        inner = [(w * 0.93, burn), (w * 0.90, -0.12), (w * 0.72, edge + 0.04), (w * 0.3, edge + 0.015 + sway),
            (0, edge + sway), (-w * 0.3, edge + 0.01 + sway), (-w * 0.72, edge + 0.045), (-w * 0.90, -0.12),
            (-w * 0.93, burn)]  # fmt: skip
        curve = spline(inner)
        teeth = 0.014 * np.sin(np.arange(len(curve)) * 2.1 + who.texture % 7) * (np.abs(curve[:, 0]) < w * 0.8)
        return curve + np.stack([0 * teeth, teeth], 1)
    if style in ("side part", "short") or (style == "bob" and cut.locks):
        # A parting off the middle: the hair sweeps down over the far side of the forehead.
        p = who.part * w * 0.75
        away = -1.0 if p > 0 else 1.0
        sweep = 0.13 if style == "side part" else (0.05 if style == "short" else 0.2)
        right_dip, left_dip = (sweep, 0.0) if away > 0 else (0.0, sweep)
        inner = [(w * 0.95, burn), (w * 0.905, -0.16), (w * 0.80, middle + 0.13 + right_dip - back),
            (w * 0.48, middle + 0.03 + 0.8 * right_dip - back), (p * 0.5, middle + sway),
            (-w * 0.48, middle + 0.03 + 0.8 * left_dip - back), (-w * 0.80, middle + 0.13 + left_dip - back),
            (-w * 0.905, -0.16), (-w * 0.95, burn)]  # fmt: skip
        return spline(inner)
    if style.startswith("long"):
        p = who.part * w * 0.45
        peak = middle - 0.06
        cover = 0.86 if style == "long straight" else 0.83
        inner = [(w * 0.98, 0.5), (w * 0.93, 0.25), (w * cover, -0.05), (w * 0.74, -0.30),
            (p + w * 0.34, peak + 0.075), (p, peak), (p - w * 0.34, peak + 0.075), (-w * 0.74, -0.30),
            (-w * cover, -0.05), (-w * 0.93, 0.25), (-w * 0.98, 0.5)]  # fmt: skip
        return spline(inner)
    peak = 0.02 * np.sign(who.part)  # a widow's peak or a rounded line
    temple = [(w * 0.96, burn), (w * 0.93, -0.14), (w * 0.84, -0.36), (w * 0.62, middle + 0.05 - back)]
    return spline(mirrored([*temple, (w * 0.3, middle - 0.4 * back), (0, middle + peak)]))


class Hair:
    """The hair of one picture."""

    def __init__(self, canvas: Canvas, who: Traits, view: View, skull: Array) -> None:
        self.who, self.view, self.style = who, view, HAIR_STYLES[who.hair_style]
        self.cut = CUTS.get(self.style)
        if self.cut is not None:
            field = _strand_field(canvas, who, view, self.cut)
            self.light: Array = (np.clip(field, 0.35, 1.8) * np.clip(skull, 0.3, 1.5) * 0.95).astype(np.float32)
            # Glossy hair shows a bright band around the crown.
            axis = canvas.axis()
            band = np.exp(-(((axis[:, None] + 0.68 + 0.35 * axis[None] ** 2 * -1) / 0.07) ** 2))
            self.light += (0.28 * band * np.clip(field - 0.75, 0, 1) * (self.cut.strands != "curl")).astype(
                np.float32
            ) * np.clip(skull, 0, 1.2)

    def draw_back(self, canvas: Canvas) -> None:
        """What falls behind the neck, on a layer of its own."""
        who, cut = self.who, self.cut
        if cut is None:
            return
        dim = self.light * np.float32(0.62)
        w = who.face_width
        if self.style == "bun":
            size = 0.16 + 0.07 * who.hair_length
            knot = _rough(ellipse(0.1 * who.part, TOP - 0.07, size * 1.1, size, 40), 0.008, who)
            _paint(canvas, knot, who, self.light * np.float32(0.85))
        elif self.style == "curly":
            r = 0.16 + 0.12 * who.hair_length
            _paint(canvas, _rough(ellipse(0, -0.28, w + r + 0.05, 0.72 + r * 0.8, 80), 0.022, who), who, dim)
        elif cut.locks:
            low = cut.low if self.style != "bob" else 0.45 + 0.25 * who.hair_length
            if self.style != "bob":
                low = 0.85 + 0.4 * who.hair_length
            wide = w + cut.side + 0.05 + 0.6 * who.hair_side
            side = [(-wide * 0.9, low), (-wide * 1.06, 0.5 * low), (-wide, -0.1), (-wide * 0.8, -0.6)]
            shape = spline([*mirrored([*side, (0, TOP)]), (0, low + 0.03)], closed=True)
            _paint(canvas, _rough(shape, cut.jitter, who), who, dim)

    def draw_front(self, canvas: Canvas, head: Array) -> None:
        """What lies on the skull and frames the face, on the head's layer; ``head`` is the coverage of its contour."""
        who, cut = self.who, self.cut
        if cut is None:
            return
        low = cut.low
        if self.style == "bob":
            low = 0.42 + 0.22 * who.hair_length
        elif self.style.startswith("long"):
            low = 0.80 + 0.42 * who.hair_length
        dome = _rough(_dome(who, cut, low), cut.jitter, who)
        inner = _hairline(who, cut, self.style, self.view)
        if cut.locks:
            # Locks end away from the face, so the chin and the neck stay free.
            w, drop = who.face_width, np.linspace(0, 1, 5)[1:-1]
            inside_x = w * (1.0 - (0.10 if self.style != "bob" else 0.02) * drop)
            start = 0.5 if self.style.startswith("long") else min(cut.low, 0.12)
            lane = np.stack([inside_x, start + drop * (low - start)], 1)
            inner = np.concatenate([lane[::-1], inner, lane * (-1, 1)])
        shape = np.concatenate([dome, inner])
        if self.style == "receding":
            side = [(-who.face_width * 0.86, -0.30), (-who.face_width * 0.72, -0.62), (-0.2, -1.1)]
            bare = spline([*mirrored(side), (0, -0.45)], closed=True)
            clip = 1 - canvas.coverage(bare, blur=0.02)
        else:
            clip = None
        if cut.alpha == 1.0 and self.style != "receding":
            shadow = shape + np.array([-0.02 * self.view.light[0], 0.028])
            canvas.fill(shadow, who.skin * np.array([0.30, 0.2, 0.18], np.float32), 0.45, blur=0.022, clip=head)
        if self.style == "buzz":
            canvas.fill(shape, who.skin * np.float32(0.55), 0.6, blur=0.02, clip=head)
        _paint(canvas, shape, who, self.light, cut.alpha, clip)
        if self.style in ("side part", "bob", "long straight", "long wavy") and not (
            self.style == "bob" and who.part > 0
        ):
            p = who.part * who.face_width * (0.45 if self.style.startswith("long") else 0.40)
            line = spline([(p, who.hairline - 0.02), (p * 0.9, TOP + 0.13), (p * 0.75, TOP + 0.02)])
            canvas.stroke(line, 0.014, who.hair * np.float32(0.35), 0.55, blur=0.006)
