"""How one picture differs from the next of the same identity: pose, expression, light, camera."""

from __future__ import annotations

import numpy as np


class View:
    """What belongs to a picture and not to the identity. Angles in radians.

    Args:
        rng: the picture's generator, from which everything is drawn.
        frontal: a calmer, nearly frontal view, for the gallery picture of an identity.
    """

    def __init__(self, rng: np.random.Generator, frontal: bool = False) -> None:
        calm = 0.45 if frontal else 1.0
        # A positive yaw turns the nose to the right of the picture, a positive pitch lowers it.
        self.yaw = float(np.clip(rng.normal(0, 0.19), -0.38, 0.38)) * calm
        self.pitch = float(np.clip(rng.normal(0.0, 0.10), -0.2, 0.2)) * calm
        self.roll = float(np.clip(rng.normal(0, 0.075), -0.21, 0.21)) * calm
        self.smile = smile = float(np.clip(rng.normal(0.5, 0.36), -0.25, 1.0))  # -0.3..1
        opened = rng.uniform() < 0.78
        self.open = float(rng.beta(1.6, 3.0)) * 0.16 + 0.022 if opened else 0.0  # height of the open mouth, canonical
        azimuth, height = rng.normal(0, 0.6), rng.uniform(0.1, 0.75)
        light = np.array([np.sin(azimuth) * np.cos(height), -np.sin(height), np.cos(azimuth) * np.cos(height)])
        light[2] = max(light[2], 0.35)
        light /= np.linalg.norm(light)
        self.scale = float(rng.uniform(0.93, 1.10))
        self.shift = (float(rng.normal(0, 0.035)), float(rng.normal(0.0, 0.03)))
        self.raised = float(np.clip(rng.normal(0.1, 0.35), -0.4, 1.0))  # brows, -0.4..1
        self.squint = float(np.clip(rng.normal(0.15, 0.2) + 0.3 * max(smile, 0), 0, 0.75))  # 0..1
        self.gaze = (float(np.clip(rng.normal(0, 0.25), -0.6, 0.6)), float(np.clip(rng.normal(0, 0.15), -0.4, 0.4)))
        # Unit vector towards the key light: right, down, towards the camera.
        self.light: tuple[float, ...] = tuple(light.tolist())
        self.key = float(rng.uniform(0.45, 0.8))
        self.ambient = float(rng.uniform(0.5, 0.65))
        self.warmth = float(rng.normal(0, 0.026))
        self.brightness = float(np.clip(rng.normal(0.525, 0.03), 0.46, 0.59))
        self.noise = float(rng.uniform(0.003, 0.014))
        self.blur = float(max(0.0, rng.normal(0.15, 0.2)))
        self.tousle = float(rng.normal(0, 1))  # moves strands and locks a little
