"""What is around the head: background, clothes, and the camera."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lowface_data.rendered import palette
from lowface_data.rendered.canvas import Array, Canvas, mirrored, noise_tile, spline
from lowface_data.rendered.pose import View
from lowface_data.rendered.traits import Traits

_SMALL = 64  # a background is out of focus, so it is drawn small and enlarged


def _shades(rng: np.random.Generator, count: int) -> Array:
    """Colours of one place: a common lightness and chroma, scattered."""
    lightness, angle, chroma = rng.uniform(30, 82), rng.uniform(0, 2 * np.pi), 30 * rng.beta(1.2, 2.2)
    rows = []
    for _ in range(count):
        turn = angle + rng.normal(0, 0.5)
        shade = float(np.clip(lightness + rng.normal(0, 14), 8, 96))
        rows.append(palette.lab(shade, chroma * np.cos(turn), chroma * np.sin(turn)))
    return np.array(rows, np.float32)


def draw_background(rng: np.random.Generator, side: int) -> Array:
    """An out-of-focus place, RGB (side, side, 3): studio gradient, wall, shapes, lights, leaves or horizon."""
    kind = rng.choice(6, p=[0.26, 0.18, 0.22, 0.12, 0.12, 0.10])
    colours = _shades(rng, 12)
    axis = np.linspace(-1, 1, _SMALL, dtype=np.float32)
    x, y = axis[None], axis[:, None]
    direction = rng.uniform(0, 2 * np.pi)
    ramp = np.clip(0.5 + 0.45 * (np.cos(direction) * x + np.sin(direction) * y), 0, 1)[..., None]
    picture: Array = np.ascontiguousarray(colours[0] * (1 - ramp) + colours[1] * ramp, np.float32)
    soft = 1.0
    if kind == 0:
        cx, cy = rng.uniform(-0.5, 0.5, 2)
        glow = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / rng.uniform(0.4, 1.5))[..., None]
        picture = picture * (0.75 + 0.45 * glow)
    elif kind == 1:
        stretch = rng.choice([1.0, 4.0])
        tile = noise_tile(1.5)
        rolled = np.roll(tile, tuple(int(v) for v in rng.integers(0, 256, 2)), (0, 1))[:_SMALL, :_SMALL]
        grain = cv2.resize(rolled[:, : int(_SMALL / stretch)], (_SMALL, _SMALL), interpolation=cv2.INTER_LINEAR)
        picture = picture * (1 + 0.06 * grain[..., None]).astype(np.float32)
        soft = 0.4
    elif kind in (2, 5):
        for colour in colours[2 : 2 + int(rng.integers(4, 10))]:
            corner, extent = rng.uniform(-8, _SMALL, 2), rng.uniform(6, 40, 2)
            if kind == 5:
                extent[0], corner[0] = 2 * _SMALL, -8
            low, high = corner.astype(int), (corner + extent).astype(int)
            cv2.rectangle(picture, tuple(map(int, low)), tuple(map(int, high)), colour.tolist(), -1)
        soft = rng.uniform(1.0, 4.0)
    else:
        base = palette.lab(
            rng.uniform(22, 48), rng.uniform(-20, -5) if kind == 4 else 4, rng.uniform(8, 24) if kind == 4 else -4
        )
        picture[:] = base
        for _ in range(60 if kind == 4 else 26):
            centre = rng.uniform(0, _SMALL, 2) * 16
            tint = (
                base * rng.uniform(0.5, 2.1) if kind == 4 else colours[int(rng.integers(0, 12))] * rng.uniform(0.8, 1.5)
            )
            radius = int(rng.uniform(1.5, 6.5) * 16)
            cv2.circle(picture, tuple(map(int, centre)), radius, np.clip(tint, 0, 1).tolist(), -1, cv2.LINE_AA, 4)
        soft = rng.uniform(0.7, 1.8)
    picture = cv2.GaussianBlur(picture, (0, 0), soft)
    return np.clip(cv2.resize(picture, (side, side), interpolation=cv2.INTER_CUBIC), 0.01, 1)


def draw_clothes(canvas: Canvas, rng: np.random.Generator, who: Traits, view: View) -> None:
    """Shoulders in a round neck, a shirt or a jacket, below the chin."""
    w = who.face_width * (0.74 - 0.08 * who.feminine)
    wide = 1.15 + 0.25 * (1 - who.feminine)
    colour = palette.cloth(rng) * np.float32(view.ambient + 0.6 * view.key)
    kind = int(rng.integers(0, 3))
    dip = rng.uniform(0.0, 0.22)
    neck = [(-w * 1.12, 1.02), (-w * 0.7, 1.10 + dip * 0.6), (0.0, 1.13 + dip)]
    shape = spline(mirrored([(-1.5, 1.45), (-wide, 1.22), (-w * 1.7, 1.06), *neck]))
    canvas.fill(shape, colour, label=0)
    inside = canvas.coverage(shape)
    dark = colour * np.float32(0.45)
    canvas.stroke(spline(mirrored(neck)), 0.05, dark, 0.5, blur=0.02, clip=inside)
    for side in (-1, 1):
        fold = spline([(side * w * 1.3, 1.1), (side * w * 1.55, 1.2), (side * w * 1.6, 1.32)])
        canvas.stroke(fold, 0.05, dark, 0.35, blur=0.03, clip=inside)
    if kind:
        second = palette.cloth(rng) * np.float32(0.9)
        collar = second if kind == 1 else palette.rgb(0.9, 0.9, 0.9) * np.float32(view.ambient + 0.4 * view.key)
        for side in (-1, 1):
            flap = np.array(
                [(side * w * 1.1, 0.98), (side * w * 1.35, 1.06), (side * 0.22, 1.36), (side * 0.02, 1.24 + 0.3 * dip)]
            )
            canvas.fill(flap + np.array([0, 0.025]), dark, 0.5, blur=0.02, clip=inside)
            canvas.fill(flap, np.clip(collar, 0, 1).astype(np.float32), label=0)


def expose(picture: Array, view: View, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The camera: white balance, exposure, a soft lens, sensor noise; quantised to 8 bits.

    The picture is RGB (size, size, 3), linear in the renderer's own sense, at least 0.
    """
    picture = picture * np.array([1 + view.warmth, 1.0, 1 - 1.4 * view.warmth], np.float32)
    # Exposure follows the picture only in part, or every skin would come out as light as the next.
    gain = np.clip((view.brightness / max(float(picture.mean()), 1e-3)) ** 0.65, 0.6, 1.7)
    middle = cv2.resize(
        picture[len(picture) // 3 : -len(picture) // 4, len(picture) // 3 : -len(picture) // 3, 0], (24, 24)
    )
    gain = min(gain, 1.02 / max(float(np.sort(middle, axis=None)[int(0.85 * middle.size)]), 0.1))
    picture = picture * np.float32(gain)
    # A shoulder keeps highlights from clipping.
    picture = np.where(picture > 0.8, 0.8 + 0.2 * np.tanh((picture - 0.8) / 0.2), picture)
    if view.blur > 0.05:
        picture = cv2.GaussianBlur(picture, (0, 0), 0.2 + view.blur * len(picture) / 128)
    grain: NDArray[np.float32] = rng.standard_normal(picture.shape, np.float32)
    noisy = picture + grain * (view.noise * (0.6 + np.sqrt(np.maximum(picture, 0))))
    return np.round(np.clip(noisy, 0, 1) * 255).astype(np.uint8)
