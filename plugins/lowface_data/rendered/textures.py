"""Textures with detail at pixel scale, drawn: occluding shapes, leaves, cloth, strokes like writing, lamps."""

from __future__ import annotations

import cv2
import numpy as np

from lowface_core.data.depth import to_bytes, to_float
from lowface_data.rendered import palette
from lowface_data.rendered.canvas import Array, noise_tile

_SHIFT = 4  # fractional bits of OpenCV's coordinates


def any_colour(rng: np.random.Generator, chroma: float = 60.0) -> Array:
    """A colour of any hue and lightness, RGB (3,) in [0,1], more often muted than strong."""
    angle, strength = rng.uniform(0, 2 * np.pi), chroma * rng.beta(1.0, 1.8)
    return palette.lab(rng.uniform(6, 96), strength * np.cos(angle), strength * np.sin(angle))


def cloud(rng: np.random.Generator, side: int, slope: float = 1.0) -> Array:
    """Noise with power 1/f^(2·slope) as pictures of nature have it, (side, side), mean 0 and deviation 1."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    frequency[0, 0] = 1
    spectrum = np.fft.rfft2(rng.standard_normal((side, side))) / frequency**slope
    field = np.fft.irfft2(spectrum, (side, side))
    return ((field - field.mean()) / max(float(field.std()), 1e-9)).astype(np.float32)


def dead_leaves(rng: np.random.Generator, side: int) -> Array:
    """Shapes that cover each other, RGB (side, side, 3); their radii follow r^-3, as sizes in pictures do.

    References:
        Lee, Mumford and Huang, Occlusion models for natural images, IJCV 41 (2001).
    """
    picture = _sheet(side, any_colour(rng))
    family = np.array([any_colour(rng) for _ in range(30)])
    least, most, count = rng.uniform(1.0, 4.0), side / 4, int(rng.integers(250, 700))
    # large ones first, or they would cover everything that is fine
    radii = np.sort(1 / np.sqrt(rng.uniform(1 / most**2, 1 / least**2, count)))[::-1]
    for radius in radii:
        # most of few colours, as things of a place have
        near = family[int(rng.integers(6 if rng.random() < 0.7 else 30))]
        _shape(picture, rng, rng.uniform(0, side, 2), float(radius), near + rng.normal(0, 0.06, 3))
    return to_float(picture)


def _shape(picture: Array, rng: np.random.Generator, middle: Array, radius: float, colour: Array) -> None:
    """A disc, an ellipse or a polygon."""
    corners = int(rng.choice([3, 4, 4, 5, 24, 24]))
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners)) if corners < 24 else np.linspace(0, 2 * np.pi, 24)
    stretch, turn = rng.uniform(0.4, 1.0), rng.uniform(0, np.pi)
    x, y = np.cos(angles) * radius, np.sin(angles) * radius * stretch
    points = np.stack([np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y], 1) + middle
    fill(picture, points, colour)


def fill(picture: Array, points: Array, colour: Array) -> None:
    """A polygon (n,2) in pixels, with a soft edge of one pixel, on a sheet of bytes; the colour is clipped to [0,1]."""
    cv2.fillPoly(picture, [_fixed(points)], to_bytes(colour).tolist(), cv2.LINE_AA, _SHIFT)


def _fixed(points: Array) -> Array:
    return np.round(points * 2**_SHIFT).astype(np.int32)


def _sheet(side: int, colour: Array) -> Array:
    """An even picture, uint8 (side, side, 3): OpenCV softens edges in bytes alone."""
    return np.full((side, side, 3), to_bytes(colour))


def foliage(rng: np.random.Generator, side: int) -> Array:
    """Leaves, grass or needles over darkness, RGB (side, side, 3)."""
    picture = _sheet(side, palette.lab(rng.uniform(5, 25), -4, 6))
    hue, length = rng.uniform(1.5, 2.5), float(np.exp(rng.uniform(np.log(6), np.log(side / 6))))
    slim, wild = rng.uniform(0.08, 0.5), rng.uniform(0.2, np.pi)
    mean = rng.uniform(0, 2 * np.pi)
    for lightness in np.linspace(15, 75, int(rng.integers(300, 700))):
        angle, long = mean + rng.normal(0, wild), length * rng.uniform(0.5, 1.4)
        turn = hue + rng.normal(0, 0.2)
        chroma = rng.uniform(12, 45)
        colour = palette.lab(lightness + rng.normal(0, 6), chroma * np.cos(turn), chroma * np.sin(turn))
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        outline = np.array([(-1, 0), (-0.4, slim), (0.3, slim * 0.8), (1, 0), (0.3, -slim * 0.8), (-0.4, -slim)])
        points = rng.uniform(0, side, 2) + long / 2 * (outline[:, :1] * along + outline[:, 1:] * across)
        fill(picture, points, colour)
    return to_float(picture)


def weave(rng: np.random.Generator, side: int, period: float | None = None) -> Array:
    """Stripes, checks or a weave in folds, RGB (side, side, 3); periods from 2 pixels up."""
    wide = period or float(np.exp(rng.uniform(np.log(2.0), np.log(24.0))))
    y, x = np.mgrid[:side, :side].astype(np.float32)
    fold = cloud(rng, side, 2.0)
    angle, bend = rng.uniform(0, np.pi), rng.uniform(0, 0.5) * wide
    u = np.cos(angle) * x + np.sin(angle) * y + bend * fold
    v = -np.sin(angle) * x + np.cos(angle) * y - bend * fold
    sharp = rng.uniform(0.5, 4.0)
    across, along = (0.5 + 0.5 * np.tanh(sharp * np.sin(2 * np.pi * t / wide)) for t in (u, v))
    kind = int(rng.integers(3))
    share = across if kind == 0 else (across + along) / 2 if kind == 1 else across * along + (1 - across) * (1 - along)
    one, other = any_colour(rng, 45), any_colour(rng, 45)
    threads = np.roll(noise_tile(0.6), int(rng.integers(256)), 0)
    grain = 1 + 0.06 * np.tile(threads, (side // 256 + 1,) * 2)[:side, :side]
    shade = (1 + 0.12 * fold) * grain
    picture = (one + (other - one) * share[..., None]) * shade[..., None]
    return np.clip(picture, 0, 1).astype(np.float32)


def writing(rng: np.random.Generator, side: int) -> Array:
    """Lines of strokes like letters, on signs or paper, RGB (side, side, 3)."""
    paper = any_colour(rng, 50)
    picture = _sheet(side, paper)
    ink = any_colour(rng, 80)
    if abs(float(ink.mean() - paper.mean())) < 0.25:
        ink = np.clip(1 - paper, 0, 1)
    y, slope = rng.uniform(0, 4), rng.uniform(-0.15, 0.15)
    tall = float(np.exp(rng.uniform(np.log(5.0), np.log(side / 5))))
    while y < side * 1.2:
        x = rng.uniform(0, 2 * tall)
        while x < side:
            wide = tall * rng.uniform(0.35, 0.7)
            for _ in range(int(rng.integers(1, 4))):
                # strokes between the nine places of a letter
                places = rng.integers(0, 3, (int(rng.integers(2, 4)), 2)) / 2
                points = np.array([x, y + slope * x]) + places * (wide, tall)
                thick, colour = max(1, round(tall / 7)), to_bytes(ink).tolist()
                cv2.polylines(picture, [_fixed(points)], False, colour, thick, cv2.LINE_AA, _SHIFT)
            x += wide * (1.3 if rng.random() < 0.85 else 2.5)
        y += tall * rng.uniform(1.3, 1.8)
    return to_float(picture)


def lamps(rng: np.random.Generator, side: int) -> Array:
    """Lamps and lit windows with halos before the dark, RGB (side, side, 3)."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    picture = dead_leaves(rng, side) * np.float32(rng.uniform(0.1, 0.5))
    for _ in range(int(rng.integers(2, 9))):
        middle, radius = rng.uniform(0, side, 2), rng.uniform(1, side / 25)
        colour = palette.lab(rng.uniform(75, 98), rng.normal(5, 15), rng.normal(25, 25))
        distance = np.hypot(x - middle[0], y - middle[1])
        disc = np.clip(radius + 0.5 - distance, 0, 1)
        halo = rng.uniform(0.2, 0.8) / (1 + (distance / (radius * rng.uniform(1.5, 5))) ** 2)
        picture = picture + (disc + halo * (distance < side))[..., None] * colour
    picture = to_bytes(picture)
    for _ in range(int(rng.integers(0, 4))):  # a front of windows
        left, top = rng.uniform(0, side, 2)
        step, lit = rng.uniform(4, side / 8), palette.lab(rng.uniform(70, 95), rng.normal(0, 8), rng.uniform(0, 45))
        for row in range(int(rng.integers(1, 6))):
            for column in range(int(rng.integers(1, 6))):
                if rng.random() < 0.6:
                    corner = np.array([left + column * step, top + row * step])
                    fill(picture, corner + step * 0.6 * np.array([(0, 0), (1, 0), (1, 1), (0, 1)]), lit)
    return to_float(picture)
