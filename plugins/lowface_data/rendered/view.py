"""How one picture differs from the next of the same identity: pose, expression, light, camera."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class View:
    """What belongs to a picture and not to the identity. Angles in radians."""

    yaw: float  # positive turns the nose to the right of the picture
    pitch: float  # positive lowers the nose
    roll: float
    scale: float
    shift: tuple[float, float]
    smile: float  # -0.3..1
    open: float  # height of the open mouth, canonical
    raised: float  # brows, -0.4..1
    squint: float  # 0..1
    gaze: tuple[float, float]
    light: tuple[float, float, float]  # unit vector towards the key light: right, down, towards the camera
    key: float
    ambient: float
    warmth: float
    brightness: float
    noise: float
    blur: float
    tousle: float  # moves strands and locks a little


def draw_view(rng: np.random.Generator, frontal: bool = False) -> View:
    """Draw a view.

    Args:
        rng: the picture's generator.
        frontal: a calmer, nearly frontal view, for the gallery picture of an identity.
    """
    calm = 0.45 if frontal else 1.0
    yaw = float(np.clip(rng.normal(0, 0.19), -0.38, 0.38)) * calm
    pitch = float(np.clip(rng.normal(0.0, 0.10), -0.2, 0.2)) * calm
    roll = float(np.clip(rng.normal(0, 0.075), -0.21, 0.21)) * calm
    smile = float(np.clip(rng.normal(0.5, 0.36), -0.25, 1.0))
    opened = rng.uniform() < 0.78
    gape = float(rng.beta(1.6, 3.0)) * 0.16 + 0.022 if opened else 0.0
    azimuth, height = rng.normal(0, 0.6), rng.uniform(0.1, 0.75)
    light = np.array([np.sin(azimuth) * np.cos(height), -np.sin(height), np.cos(azimuth) * np.cos(height)])
    light[2] = max(light[2], 0.35)
    light /= np.linalg.norm(light)
    return View(
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        scale=float(rng.uniform(0.93, 1.10)),
        shift=(float(rng.normal(0, 0.035)), float(rng.normal(0.0, 0.03))),
        smile=smile,
        open=gape,
        raised=float(np.clip(rng.normal(0.1, 0.35), -0.4, 1.0)),
        squint=float(np.clip(rng.normal(0.15, 0.2) + 0.3 * max(smile, 0), 0, 0.75)),
        gaze=(float(np.clip(rng.normal(0, 0.25), -0.6, 0.6)), float(np.clip(rng.normal(0, 0.15), -0.4, 0.4))),
        light=(float(light[0]), float(light[1]), float(light[2])),
        key=float(rng.uniform(0.45, 0.8)),
        ambient=float(rng.uniform(0.5, 0.65)),
        warmth=float(rng.normal(0, 0.026)),
        brightness=float(np.clip(rng.normal(0.525, 0.03), 0.46, 0.59)),
        noise=float(rng.uniform(0.003, 0.014)),
        blur=float(max(0.0, rng.normal(0.15, 0.2))),
        tousle=float(rng.normal(0, 1)),
    )
