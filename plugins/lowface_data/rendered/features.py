"""Eyes, brows, nose and mouth. In the label maps *left* is the person's own left: the right of the picture."""

from __future__ import annotations

import numpy as np

from lowface_data.rendered import palette
from lowface_data.rendered.canvas import Array, Canvas, Points, ellipse, mirrored, ribbon, sample_noise, spline
from lowface_data.rendered.pose import View
from lowface_data.rendered.traits import Traits

# Class of the feature at the left (-1) and the right (+1) of the picture.
BROW = {-1: 3, 1: 2}
EYE = {-1: 5, 1: 4}
NOSE, UPPER_LIP, INNER_MOUTH, LOWER_LIP = 6, 7, 8, 9


def lids(who: Traits, view: View, side: int) -> tuple[Points, Points]:
    """The upper and the lower lid's edges (n,2), from the inner to the outer corner."""
    t = np.linspace(-1, 1, 15)
    x = side * (who.eye_x + t * who.eye_width)
    slope = -who.eye_tilt * 0.10 * t * 1.2
    awake = 1 - 0.55 * view.squint + 0.12 * max(view.raised, 0)
    arch = (1 - np.abs(t) ** 2.3) ** 0.9
    lean = 1 - 0.16 * t  # the upper lid is highest towards the nose, the lower one lowest towards the temple
    upper = who.eye_y + slope - who.eye_height * awake * arch * lean
    lower = who.eye_y + slope + who.eye_height * (0.55 - 0.25 * view.squint) * arch * (2 - lean)
    return np.stack([x, upper], 1), np.stack([x, lower], 1)


def iris_centre(who: Traits, view: View, side: int) -> tuple[float, float]:
    """Where the iris stands; the image point of the eye's landmark is near it."""
    x = side * who.eye_x + view.gaze[0] * 0.4 * who.eye_width
    return x, who.eye_y - 0.012 + 0.012 * view.squint + view.gaze[1] * 0.02


def draw_eye(canvas: Canvas, who: Traits, view: View, side: int, shade: float) -> None:
    """One eye with its lids and lashes; side −1 is the left of the picture, ``shade`` the light there, 1 = full."""
    upper, lower = lids(who, view, side)
    shape = np.concatenate([upper, lower[::-1]])
    deep = who.skin * np.array([0.42, 0.31, 0.29], np.float32) * np.float32(shade)
    lash = np.minimum(who.brow_colour * 0.35, 0.13).astype(np.float32)
    # Lid: the fold above, some paint on it, and the socket's shadow.
    fold = upper.copy()
    fold[:, 1] -= (0.030 - 0.018 * who.hood) * (1 - 0.6 * np.abs(np.linspace(-1, 1, len(fold))) ** 3)
    if who.makeup > 0.3:
        lid = np.concatenate([upper, fold[::-1] - np.array([0, 0.012])])
        canvas.fill(lid, deep * np.array([0.9, 0.85, 1.0], np.float32), 0.75 * who.makeup, blur=0.010)
    canvas.stroke(fold, 0.013, deep, 0.75, blur=0.004)
    bag = lower + np.array([0, 0.035])
    canvas.stroke(bag[2:-2], 0.022, deep, 0.16 + 0.3 * who.wrinkles, blur=0.012)

    white = palette.rgb(0.93, 0.91, 0.895) * np.float32(0.35 + 0.62 * min(shade, 1.05))
    inside = canvas.coverage(shape)
    canvas.fill(shape, white, label=EYE[side])
    duct = ellipse(side * (who.eye_x - 0.92 * who.eye_width), who.eye_y + 0.003, 0.016, 0.016)
    canvas.fill(duct, palette.rgb(0.72, 0.42, 0.40), 0.7, blur=0.006, clip=inside)
    x, y = iris_centre(who, view, side)
    radius = 0.052
    canvas.fill(ellipse(x, y, radius, radius), who.iris * np.float32(0.45), clip=inside)
    canvas.fill(ellipse(x, y, radius * 0.84, radius * 0.84), who.iris, blur=0.004, clip=inside)
    glow = ellipse(x, y + radius * 0.38, radius * 0.62, radius * 0.4)
    canvas.fill(glow, who.iris * np.float32(1.5), 0.6, blur=0.008, clip=inside)
    canvas.fill(ellipse(x, y, radius * 0.43, radius * 0.43), palette.rgb(0.03, 0.025, 0.025), clip=inside)
    # The lid's shadow on the ball, then the light's reflection.
    canvas.stroke(upper + np.array([0, 0.012]), 0.030, palette.rgb(0.12, 0.08, 0.07), 0.55, blur=0.009, clip=inside)
    glint = ellipse(x + 0.022 * np.sign(view.light[0] or 1.0), y - 0.019, 0.0125, 0.0125)
    canvas.fill(glint, palette.rgb(1, 1, 1), 0.95, clip=inside)

    t = np.linspace(0, 1, len(upper))
    bold = 0.012 + 0.011 * who.feminine + 0.010 * who.makeup
    canvas.stroke(upper, bold * (0.45 + 0.75 * t), lash, 0.92)
    if who.feminine > 0.5:
        tip = upper[-1] + np.array([side * 0.028, -0.020])
        canvas.stroke(np.stack([upper[-3], upper[-1], tip]), np.array([0.012, 0.012, 0.002]), lash, 0.85)
    canvas.stroke(lower, 0.006 + 0.006 * who.makeup, lash + deep * np.float32(0.5), 0.6)


def draw_brow(canvas: Canvas, who: Traits, view: View, side: int, shade: float) -> None:
    """One brow, with hairs across it."""
    t = np.linspace(0, 1, 13)
    x = side * (who.eye_x - 0.135 + t * (who.brow_length + 0.135))
    lift = 0.030 * view.raised - 0.012 * view.squint
    arch = who.brow_arch * np.sin(np.pi * np.clip(t * 0.85 + 0.05, 0, 1)) ** 1.5
    y = who.eye_y - who.brow_y - lift - arch - who.brow_tilt * 0.2 * (t - 0.35) + 0.03 * np.maximum(t - 0.7, 0)
    path = np.stack([x, y], 1)
    thick = who.brow_thick * (0.75 + 0.35 * np.sin(np.pi * np.clip(t + 0.2, 0, 1))) * (1 - 0.75 * t**3)
    thick = np.maximum(thick, 0.006)
    colour = who.brow_colour * np.float32(0.45 + 0.5 * min(shade, 1.0))
    axis = canvas.axis()
    inside = canvas.mask(ribbon(path, thick * 1.3))
    if inside is None:
        return
    _, (rows, columns) = inside
    along = np.broadcast_to(axis[columns][None] * 230, (rows.stop - rows.start, columns.stop - columns.start))
    down = axis[rows][:, None]
    hairs: Array = sample_noise(along + side * down * 120 + who.texture % 97, down * 40 + 0 * along, 0.8)
    clip = np.ones((canvas.side, canvas.side), np.float32)
    clip[rows, columns] = np.clip(0.86 + 0.14 * hairs, 0.4, 1)
    canvas.fill(ribbon(path, thick * 1.12), colour, 0.9, blur=0.006, clip=clip)
    canvas.mark(ribbon(path, thick * 1.2), BROW[side])


def draw_crow_feet(canvas: Canvas, who: Traits, view: View) -> None:
    """Lines at the temples of an ageing or smiling face."""
    amount = who.wrinkles * (0.35 + 0.65 * max(view.smile, 0))
    for side in (-1, 1):
        for turn in (-0.35, 0.0, 0.35):
            start = np.array([side * (who.eye_x + who.eye_width + 0.03), who.eye_y + 0.02 + 0.05 * turn])
            path = spline(start + np.array([(0, 0), (side * 0.035, 0.035 * turn), (side * 0.07, 0.10 * turn)]))
            canvas.stroke(path, 0.009, who.skin * np.float32(0.5), 0.5 * amount, blur=0.003)


def nose_shape(who: Traits) -> Points:
    """The nose's region: from between the eyes over the wings to its base."""
    n, b, y = who.nose_width, who.bridge_width, who.nose_y
    bridge = [(0.0, who.eye_y - 0.045), (b * 0.85, who.eye_y - 0.03), (b * 0.90, 0.08), (b * 1.15, y - 0.14)]
    wing = [(n * 0.92, y - 0.075), (n * 1.02, y - 0.03), (n * 0.80, y + 0.008), (n * 0.35, y + 0.012)]
    return spline(mirrored([*bridge, *wing, (0.0, y + 0.028)]), closed=True)


def nose_tip(who: Traits) -> tuple[float, float]:
    """The nose's landmark."""
    return 0.0, who.nose_y - 0.065


def draw_nose(canvas: Canvas, who: Traits) -> None:
    """Nostrils, wings and the base's shadow; the bridge and the tip come from the relief."""
    n, y = who.nose_width, who.nose_y
    dark = who.skin * np.array([0.30, 0.20, 0.18], np.float32)
    canvas.mark(nose_shape(who), NOSE)
    canvas.fill(ellipse(0, y + 0.025, n * 0.75, 0.022), dark, 0.26, blur=0.016)
    for side in (-1, 1):
        hole = spline([(side * n * 0.22, y - 0.002), (side * n * 0.45, y - 0.020),
            (side * n * 0.68, y - 0.006), (side * n * 0.45, y + 0.007)], closed=True)  # fmt: skip
        canvas.fill(hole, dark * np.float32(0.75), 0.8, blur=0.006)
        wing = [(0.86, y - 0.085), (1.03, y - 0.045), (0.98, y - 0.008), (0.78, y + 0.006)]
        canvas.stroke(spline([(side * n * x, v) for x, v in wing]), 0.013, dark, 0.36, blur=0.007)
        bridge = [(side * who.bridge_width * x, v) for x, v in ((1.3, -0.09), (1.1, 0.02), (1.15, 0.12))]
        canvas.stroke(spline(bridge), 0.035, dark, 0.09, blur=0.022)


class Mouth:
    """The mouth's curves for an expression; all arrays run from the left to the right of the picture."""

    def __init__(self, who: Traits, view: View) -> None:
        self.who, self.view = who, view
        t = np.linspace(-1, 1, 25)
        smile = view.smile
        half = who.mouth_width * (1 + 0.20 * smile - 0.25 * max(0.0, view.open - 0.08))
        x = t * half
        seam = who.mouth_y - 0.062 * smile * t**2 + 0.012 * smile + 0.006 * np.cos(2 * np.pi * t) * (1 - abs(smile))
        gap = view.open * (1 - np.abs(t) ** 2.4)
        upper_edge, lower_edge = seam - 0.18 * gap, seam + 0.82 * gap
        bow = (1 - np.abs(t) ** 2.0) ** 0.85 * (1 - 0.30 * np.exp(-((t / 0.13) ** 2))) + 0.20 * np.exp(
            -(((np.abs(t) - 0.24) / 0.14) ** 2)
        )
        full = 1 - 0.28 * max(smile, 0)
        upper = upper_edge - who.upper_lip * full * bow
        lower = lower_edge + who.lower_lip * full * (1 - np.abs(t) ** 2.3) ** 0.8
        self.upper, self.upper_edge = np.stack([x, upper], 1), np.stack([x, upper_edge], 1)
        self.lower_edge, self.lower = np.stack([x, lower_edge], 1), np.stack([x, lower], 1)

    def corners(self) -> Points:
        """Landmarks: the left and the right corner in the picture."""
        inset = np.array([[0.012, 0.0], [-0.012, 0.0]])
        return self.upper_edge[[0, -1]] + inset

    def draw(self, canvas: Canvas) -> None:
        """Lips, teeth and what is behind them."""
        who, view = self.who, self.view
        deep = who.skin * np.array([0.40, 0.25, 0.23], np.float32)
        top = np.concatenate([self.upper, self.upper_edge[::-1]])
        bottom = np.concatenate([self.lower_edge, self.lower[::-1]])
        rim = np.concatenate([self.upper - (0, 0.006), (self.lower + np.array([0, 0.006]))[::-1]])
        canvas.fill(rim, who.lip * np.float32(0.85), 0.5, blur=0.010)
        if view.open > 0:
            gap = np.concatenate([self.upper_edge, self.lower_edge[::-1]])
            inside = canvas.coverage(gap)
            canvas.fill(gap, palette.rgb(0.20, 0.06, 0.055), label=INNER_MOUTH)
            tongue = ellipse(0, float(self.lower_edge[12, 1]) + 0.01, who.mouth_width * 0.6, 0.5 * view.open)
            canvas.fill(tongue, palette.rgb(0.62, 0.27, 0.27), 0.8, blur=0.012, clip=inside)
            reach = (1 - 0.35 * np.linspace(-1, 1, 25) ** 2)[:, None]
            teeth = self.upper_edge + np.array([0, min(0.072, 0.022 + 0.75 * view.open)]) * reach
            row = np.concatenate([self.upper_edge, teeth[::-1]])
            canvas.fill(row, palette.rgb(0.93, 0.90, 0.85) * np.float32(0.97 - 0.1 * who.age), 0.95, clip=inside)
            for k in range(-4, 5):
                x = (k + 0.5) * 0.042
                line = np.array([[x, self.upper_edge[12, 1] - 0.03], [x, self.upper_edge[12, 1] + 0.075]])
                canvas.stroke(line, 0.006, palette.rgb(0.55, 0.42, 0.38), 0.35, clip=inside)
            edge = np.abs(np.linspace(-1, 1, 25))
            dark = palette.rgb(0.15, 0.05, 0.05)
            for end in (slice(0, 7), slice(18, 25)):
                canvas.stroke(self.upper_edge[end], 0.045 * edge[end], dark, 0.55, blur=0.012, clip=inside)
        canvas.fill(top, who.lip * np.float32(0.86), label=UPPER_LIP, blur=0.004)
        canvas.fill(bottom, who.lip, label=LOWER_LIP, blur=0.004)
        if view.open > 0:  # a lip's polygon also covers its edge: give the opening's pixels back
            opening = np.concatenate([self.upper_edge + np.array([0, 0.006]), (self.lower_edge - (0, 0.004))[::-1]])
            canvas.mark(opening, INNER_MOUTH)
        canvas.stroke(self.upper_edge, 0.012, deep * np.float32(0.7), 0.75 if view.open == 0 else 0.35, blur=0.004)
        shine = (self.lower_edge + self.lower)[8:17] / 2
        canvas.stroke(shine, 0.014, palette.rgb(1, 0.93, 0.9), 0.24 + 0.2 * who.makeup, blur=0.009)
        canvas.stroke(self.lower[5:20] + np.array([0, 0.016]), 0.022, deep, 0.34, blur=0.012)
        for corner, side in ((0, -1), (-1, 1)):
            x, y = self.upper_edge[corner]
            canvas.fill(ellipse(x + side * 0.006, y, 0.014, 0.012), deep, 0.55, blur=0.007)
