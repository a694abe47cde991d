"""Eyes, lids, lashes and brows. In the label maps *left* is the person's own left: the right of the picture."""

from __future__ import annotations

import numpy as np

from lowface_data.rendered import palette
from lowface_data.rendered.canvas import Array, Canvas, Points, ellipse, ribbon, sample_noise, spline
from lowface_data.rendered.traits import Traits
from lowface_data.rendered.view import View

# Class of the feature at the left (-1) and the right (+1) of the picture.
BROW = {-1: 3, 1: 2}
EYE = {-1: 5, 1: 4}


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
    """One eye with its lids and lashes.

    Args:
        side: -1 for the left of the picture, +1 for the right.
        shade: brightness of the light there, 1 = full.
    """
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
