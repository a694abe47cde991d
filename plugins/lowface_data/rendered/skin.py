"""What lies on the skin: colour variation, marks, lines, and facial hair. All of it is labelled skin."""

from __future__ import annotations

import numpy as np

from lowface_data.rendered import palette
from lowface_data.rendered.canvas import Array, Canvas, Points, ellipse, mirrored, sample_noise, spline
from lowface_data.rendered.features import Mouth
from lowface_data.rendered.pose import View
from lowface_data.rendered.traits import BEARDS, Traits


def skin_texture(canvas: Canvas, who: Traits) -> Array:
    """The skin's colour over the whole canvas (side, side, 3): mottled, redder at nose and cheeks, with freckles."""
    axis = canvas.axis()
    x = np.broadcast_to(axis[None] * 60 + who.texture % 251, (canvas.side, canvas.side))
    y = np.broadcast_to(axis[:, None] * 60 + who.texture % 241, (canvas.side, canvas.side))
    coarse, fine = sample_noise(x, y, 4.0), sample_noise(x * 2.3, y * 2.3, 0.7)
    field = 1 + 0.014 * coarse + 0.012 * fine
    picture = who.skin * field[..., None]
    flush = (0.5 * np.exp(-(((np.abs(axis) - 0.32) / 0.15) ** 2)) + 0.35 * np.exp(-((axis / 0.1) ** 2)))[None] * np.exp(
        -(((axis - 0.24) / 0.14) ** 2)
    )[:, None]
    flush = (flush * np.float32((0.55 + 0.5 * who.makeup) * (1 - 0.6 * who.tone))).astype(np.float32)
    picture *= 1 - flush[..., None] * np.array([-0.02, 0.19, 0.15], np.float32)
    if who.freckles:
        spots = np.clip(sample_noise(x * 1.35 + 31, y * 1.35 + 77, 1.0) - 1.05, 0, 0.8)
        zone = np.exp(-((axis / 0.42) ** 4))[None] * np.exp(-(((axis - 0.18) / 0.2) ** 2))[:, None]
        picture *= 1 - (spots * zone * np.float32(0.55 * who.freckles))[..., None] * np.array(
            [0.55, 0.8, 0.95], np.float32
        )
    return picture.astype(np.float32)


def draw_marks(canvas: Canvas, who: Traits, view: View) -> None:
    """Moles, and the lines of age and expression."""
    for x, y in who.moles:
        canvas.fill(ellipse(x, y, 0.013, 0.012), who.skin * np.array([0.42, 0.3, 0.27], np.float32), 0.85, blur=0.003)
    dark = who.skin * np.array([0.55, 0.42, 0.38], np.float32)
    smile = max(view.smile, 0.0)
    n, y, m = who.nose_width, who.nose_y, who.mouth_width
    for side in (-1, 1):
        crease = spline([(side * (n + 0.012), y - 0.05), (side * (n + 0.065), y + 0.05),
            (side * (m + 0.07 + 0.03 * smile), who.mouth_y - 0.05),
            (side * (m + 0.07 + 0.02 * smile), who.mouth_y + 0.04)])  # fmt: skip
        strength = 0.05 + (0.18 + 0.25 * who.age) * smile + 0.42 * who.wrinkles
        canvas.stroke(crease, 0.020 * np.sin(np.linspace(0.25, 3.0, len(crease))), dark, min(strength, 0.8), blur=0.008)
    if who.wrinkles > 0.1:
        for k in range(3):
            height = -0.30 - 0.07 * k - 0.01 * view.raised
            line = [(-0.27, height + 0.015), (-0.1, height - 0.008), (0.1, height - 0.006), (0.27, height + 0.018)]
            canvas.stroke(
                spline(line), 0.011, dark, 0.55 * who.wrinkles * (0.6 + 0.4 * max(view.raised, 0)), blur=0.004
            )
        for side in (-1, 1):
            path = spline([(side * 0.03, -0.19), (side * 0.035, -0.14), (side * 0.025, -0.10)])
            canvas.stroke(path, 0.011, dark, 0.5 * who.wrinkles, blur=0.004)


def draw_beard(canvas: Canvas, who: Traits, mouth: Mouth, contour: Points, face: Array) -> None:
    """Stubble, moustache, goatee or full beard, below the lips' paint."""
    kind = BEARDS[who.beard]
    if kind == "none":
        return
    axis = canvas.axis()
    x = np.broadcast_to(axis[None], face.shape)
    y = np.broadcast_to(axis[:, None], face.shape)
    strands = sample_noise(x * 170 + x * y * 120 + who.texture % 211, y * 42 + who.texture % 199, 0.8)
    w, chin, top = who.face_width, float(contour[:, 1].max()), who.mouth_y - 0.02
    upper = mouth.upper
    cheeks = [(-w * 0.99, 0.02), (-w * 0.90, 0.22), (-w * 0.66, 0.40), (-w * 0.44, top - 0.07), (0, top - 0.085)]
    jaw_shape = np.array([*mirrored(cheeks), *mirrored([(w * 1.05, 0.5), (w * 0.5, chin + 0.05)])])
    lip_top = upper[::3].copy()
    lip_top[:, 1] -= 0.004
    over_lip = mirrored([(-0.235, who.mouth_y + 0.03), (-0.15, top - 0.075), (-0.03, top - 0.105)])
    moustache = np.concatenate([spline(over_lip), lip_top[::-1]])
    under_lip = mirrored([(-0.2, who.mouth_y + 0.03), (-0.17, chin - 0.09), (0, chin + 0.03)])
    chin_patch = spline([*under_lip, (0, who.mouth_y + 0.09)], closed=True)
    colour = who.beard_colour * np.clip(1 + 0.22 * strands, 0.4, 1.7)[..., None]
    dense = np.clip(0.88 + 0.25 * strands, 0.2, 1) * face
    if kind == "stubble":
        dots = np.clip(0.55 + 0.4 * sample_noise(x * 150, y * 150, 0.5), 0, 1) * face
        canvas.fill(jaw_shape, who.beard_colour * 0.7 + who.skin * np.float32(0.15), 0.44, blur=0.045, clip=dots)
    elif kind == "moustache":
        canvas.fill(moustache, colour, 0.95, blur=0.009, clip=dense)
    elif kind == "goatee":
        canvas.fill(moustache, colour, 0.92, blur=0.010, clip=dense)
        canvas.fill(chin_patch, colour, 0.92, blur=0.016, clip=dense)
    else:
        canvas.fill(jaw_shape, colour, 0.93, blur=0.020, clip=dense)
        canvas.fill(moustache, colour, 0.9, blur=0.009, clip=dense)


def draw_glasses(canvas: Canvas, who: Traits, kind: str, light: float) -> None:
    """Frames over the eyes (labelled skin); the lenses are clear but for a glint."""
    if kind == "none":
        return
    y, x = who.eye_y + 0.02, who.eye_x + 0.008
    rx, ry, corner, thick = {"round": (0.168, 0.150, 2.0, 0.022), "rectangular": (0.185, 0.118, 4.5, 0.032),
        "rimless": (0.175, 0.115, 3.0, 0.009)}[kind]  # fmt: skip
    angle = np.linspace(0, 2 * np.pi, 41)
    cos, sin = np.cos(angle), np.sin(angle)
    colour = who.glasses_colour if kind != "rimless" else palette.rgb(0.55, 0.52, 0.48)
    for side in (-1, 1):
        rim = np.stack([side * x + rx * np.sign(cos) * np.abs(cos) ** (2 / corner),
            y + ry * np.sign(sin) * np.abs(sin) ** (2 / corner)], 1)  # fmt: skip
        canvas.fill(rim, palette.rgb(0.75, 0.82, 0.88), 0.07)
        glint = np.array([[-0.09, -0.08], [-0.05, -0.09], [-0.10, 0.05], [-0.12, 0.03]]) + np.array([side * x, y])
        canvas.fill(glint, palette.rgb(1, 1, 1), 0.16, blur=0.01)
        canvas.stroke(rim + np.array([0, 0.016]), thick, palette.rgb(0.1, 0.05, 0.04), 0.25, blur=0.01)
        canvas.stroke(rim, thick, colour * np.float32(min(light, 1.1)), 0.95)
        temple = np.array([[side * (x + rx), y - 0.04], [side * (who.face_width + 0.02), y - 0.055]])
        canvas.stroke(temple, max(thick, 0.016), colour, 0.95)
        for shape in [rim] if kind != "rimless" else []:
            for k in range(0, 40, 5):
                part = shape[k : k + 6]
                rise = (part - (side * x, y)) * 0.06
                canvas.mark(np.concatenate([part + rise, (part - rise)[::-1]]), 1)
    bridge = spline([(-(x - rx), y - 0.02), (0, y - 0.05), (x - rx, y - 0.02)])
    canvas.stroke(bridge, max(thick * 0.9, 0.012), colour, 0.95)
