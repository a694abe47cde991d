"""The head's outline, its relief, and the light on it."""

from __future__ import annotations

import cv2
import numpy as np

from lowface_data.rendered.canvas import Array, Canvas, Points, ellipse, spline
from lowface_data.rendered.pose import View
from lowface_data.rendered.traits import Traits

TOP = -0.80
SKIN = 1


def outline(who: Traits, view: View) -> Points:
    """The head's contour (n,2), from the crown down the picture's right and back up; an open mouth lowers the chin."""
    w, drop = who.face_width, 0.4 * view.open
    chin = who.chin + drop
    fuller = 1 + 0.02 * max(view.smile, 0)
    right = [(0.0, TOP), (0.45 * w, TOP + 0.05), (0.80 * w, TOP + 0.22), (0.97 * w, -0.38), (1.0 * w, -0.10),
        (0.975 * w, 0.14), (who.cheek * w * fuller, 0.36), (who.jaw * w * fuller, 0.56 + 0.5 * drop),
        ((0.45 * who.jaw + 0.55 * who.chin_width) * w, chin - 0.105), (0.66 * who.chin_width * w, chin - 0.022),
        (0.0, chin)]  # fmt: skip
    left = [(-x, y) for x, y in right[-2:0:-1]]
    return spline(right + left, closed=True)


def half_width(contour: Points, v: Array) -> Array:
    """Half the head's width at heights v, at least a little everywhere."""
    side = contour[: len(contour) // 2 + 1]
    return np.maximum(np.interp(v, side[:, 1], side[:, 0]), 0.06).astype(np.float32)


class Relief:
    """Height field of the face and the shading it gives; drawn at half the canvas's resolution, since it is smooth."""

    def __init__(self, who: Traits, view: View, canvas: Canvas, contour: Points) -> None:
        self.canvas = canvas
        side = max(canvas.side // 2, 48)
        axis = canvas.axis(side)
        step = float(axis[1] - axis[0])
        width = (half_width(contour, axis) ** 4 + 0.27**4) ** 0.25  # the chin is round, not a ridge
        t = np.clip(axis[None] / width[:, None], -1, 1)
        fall = np.clip(np.where(axis < 0, axis, axis / (float(contour[:, 1].max()) + 0.05)), -0.98, 0.98)
        height = 0.52 * width.max() * np.sqrt(1.06 - t * t) * np.sqrt(1 - fall * fall)[:, None]
        height = height.astype(np.float32)

        def bump(x: float, y: float, sx: float, sy: float, amount: float) -> None:
            if sx > 0:
                row = np.exp(-(((axis - x) / sx) ** 2)) + (np.exp(-(((axis + x) / sx) ** 2)) if x else 0)
                nonlocal height
                height = height + np.float32(amount) * np.exp(-(((axis - y) / sy) ** 2))[:, None] * row[None]

        ny, nw, my = who.nose_y, who.nose_width, who.mouth_y
        smile = max(view.smile, 0)
        ramp = np.interp(axis, [-0.17, -0.03, ny - 0.085, ny - 0.035, ny + 0.055], [0, 0.26, 1, 0.85, 0]).astype(
            np.float32
        )
        spread = np.interp(axis, [-0.1, ny - 0.12, ny], [who.bridge_width, who.bridge_width * 1.1, 0.8 * nw]).astype(
            np.float32
        )
        height = height + who.nose_height * 0.58 * ramp[:, None] * np.exp(-((axis[None] / spread[:, None]) ** 2))
        bump(nw * 0.74, ny - 0.03, 0.045, 0.05, 0.042)
        bump(who.eye_x - 0.01, who.eye_y, 0.13, 0.075, -0.055)
        bump(who.eye_x, who.eye_y + 0.005, 0.07, 0.05, 0.035)
        bump(who.eye_x - 0.02, who.eye_y - who.brow_y + 0.02, 0.15, 0.05, 0.022 + 0.02 * (1 - who.feminine))
        bump(0.33, 0.18 - 0.04 * smile, 0.12, 0.11, 0.03 * who.cheekbones + 0.035 * smile)
        bump(0.36, 0.42, 0.08, 0.12, -0.022 * who.cheekbones)
        bump(0.0, my, 0.18, 0.11, 0.03)
        bump(0.0, my + 0.045 + view.open * 0.7, 0.12, 0.04, 0.03)
        bump(0.0, my + 0.13 + view.open * 0.8, 0.13, 0.035, -0.03)
        bump(0.0, who.chin - 0.11 + 0.4 * view.open, 0.13, 0.085, 0.028)
        bump(0.0, my - 0.09, 0.022, 0.045, -0.012)
        gx = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=1 / (8 * step))
        gy = cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=1 / (8 * step))
        norm = 1 / np.sqrt(gx * gx + gy * gy + 1)
        # The light stays with the camera; the canvas turns with the head.
        lx, ly, lz = view.light
        lx, ly = (
            lx * np.cos(view.roll) + ly * np.sin(view.roll) - lz * np.sin(view.yaw),
            ly * np.cos(view.roll) - lx * np.sin(view.roll) - lz * np.sin(view.pitch),
        )
        # Light wraps round the edges a little, as from a window or a soft box.
        diffuse = np.maximum(((lz - gx * lx - gy * ly) * norm + 0.3) / 1.3, 0)
        hz = lz + 1
        gloss = np.maximum((hz - gx * lx - gy * ly) * norm / np.sqrt(lx * lx + ly * ly + hz * hz), 0)
        hollow = height - cv2.GaussianBlur(height, (0, 0), 0.055 / step)
        shade = view.ambient * (0.72 + 0.28 * norm) + view.key * diffuse + np.clip(2.6 * hollow, -0.17, 0.08)
        side_full = (canvas.side, canvas.side)
        self.shade: Array = cv2.resize(shade.astype(np.float32), side_full, interpolation=cv2.INTER_LINEAR)
        # The chin and the jaw are duller than the forehead and the nose.
        gloss = gloss**22 * np.interp(axis, [my - 0.06, my + 0.1], [1, 0.25]).astype(np.float32)[:, None]
        self.gloss: Array = cv2.resize(gloss.astype(np.float32), side_full, interpolation=cv2.INTER_LINEAR)
        # A round skull without features, for hair.
        ex, ey = axis[None] / 0.85, (axis[:, None] + 0.1) / 1.15
        ez = np.sqrt(np.maximum(1 - ex * ex - ey * ey, 0.05))
        skull = view.ambient * 0.85 + view.key * np.maximum(ex * lx + ey * ly + ez * lz, 0)
        self.skull: Array = cv2.resize(skull.astype(np.float32), side_full, interpolation=cv2.INTER_LINEAR)

    def light_skin(self, gloss: float) -> None:
        """Multiply the layer by the shading: shadows of skin turn red before they turn dark. Then add the sheen."""
        logs = np.log(np.clip(self.shade, 0.08, 1.6))
        rgba = self.canvas.rgba
        for channel, power in enumerate((0.88, 1.04, 1.12)):
            rgba[..., channel] *= np.exp(logs * np.float32(power))
        rgba[..., :3] += (self.gloss * np.float32(gloss) * rgba[..., 3])[..., None]


def draw_ears(canvas: Canvas, who: Traits) -> None:
    """Both ears, behind the head's contour."""
    for side in (-1, 1):
        x = side * (who.face_width + 0.012 + who.ear_out)
        tall = 0.155 * who.ear_size
        rim = [(-0.05, -0.10), (0.025, -0.05 - tall * 0.75), (0.065, -0.06 - tall * 0.2), (0.05, 0.06),
            (0.018, 0.04 + tall), (-0.06, 0.12)]  # fmt: skip
        shape = spline([(x + side * out, y) for out, y in rim], closed=True)
        canvas.fill(shape, who.skin * np.array([0.84, 0.74, 0.71], np.float32), label=SKIN)
        inner = ellipse(x + side * 0.018, 0.0, 0.022, 0.075 * who.ear_size)
        canvas.fill(inner, who.skin * np.float32(0.55), 0.55, blur=0.012)


def draw_neck(canvas: Canvas, who: Traits, view: View, contour: Points) -> None:
    """The neck with the chin's shadow on it (on the body's layer)."""
    w = who.face_width * (0.74 - 0.08 * who.feminine)
    neck = spline([(-w, 0.3), (w, 0.3), (w * 0.96, 0.8), (w * 1.15, 1.12), (w * 1.6, 1.3), (-w * 1.6, 1.3),
        (-w * 1.15, 1.12), (-w * 0.96, 0.8)], closed=True)  # fmt: skip
    lit = np.float32(view.ambient + 0.55 * view.key * max(view.light[2], 0.3))
    canvas.fill(neck, who.skin * lit * np.array([0.94, 0.88, 0.86], np.float32), label=0)
    skin = canvas.coverage(neck)
    side = np.sign(view.light[0]) or 1.0
    canvas.fill(ellipse(-side * w * 1.1, 0.95, w * 0.8, 0.5), who.skin * np.float32(0.3), 0.4, blur=0.08, clip=skin)
    shadow = contour + np.array([-0.06 * view.light[0], 0.075])
    canvas.fill(shadow, who.skin * np.array([0.34, 0.26, 0.24], np.float32), 0.72, blur=0.045, clip=skin)
    for x in (-1, 1):
        cord = spline([(x * w * 0.75, 0.85), (x * w * 0.45, 1.05), (x * w * 0.16, 1.2)])
        canvas.stroke(cord, 0.03, who.skin * np.float32(0.5), 0.25, blur=0.018, clip=skin)
