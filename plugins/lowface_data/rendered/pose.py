"""How one picture differs from the next, and the way from canonical coordinates into it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lowface_data.rendered.canvas import EXTENT, Array, Points
from lowface_data.rendered.traits import Traits

_NECK = np.array([0.0, 0.75])  # what stays in place when the head tilts over the body


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


class Pose:
    """The mapping of one picture.

    A head point (u,v) of depth z(u,v) goes to x = cos(yaw)·u + sin(yaw)·z, y = cos(pitch)·v + sin(pitch)·z, then is
    rolled, scaled and shifted. z falls from the nose to behind the ears, so a turned head shows one cheek and ear
    more than the other. The inverse, which moves pixels, is a fixed-point iteration: the slope of sin(yaw)·z stays
    below 1.
    """

    def __init__(self, who: Traits, view: View) -> None:
        self.who, self.view = who, view
        cos, sin = np.cos(view.roll), np.sin(view.roll)
        self.turn = np.array([[cos, -sin], [sin, cos]]) * view.scale
        self.shift = np.asarray(view.shift)

    def depth(self, u: NDArray, v: NDArray) -> NDArray:
        """Depth towards the camera at canonical points."""
        who = self.who
        radius = (u / (who.face_width + 0.04)) ** 2 + ((v - 0.02) / 1.0) ** 2
        depth = 0.42 * (1 - radius) / (1 + radius)
        rise = np.exp(-((u / 0.11) ** 2) - ((v - who.nose_y + 0.08) / 0.17) ** 2)
        return depth + (0.7 * who.nose_height) * rise

    def points(self, points: Points, size: int) -> NDArray[np.float32]:
        """Head points (n,2) in pixels of a picture of the given size (pixel centres at whole numbers)."""
        u, v = points[:, 0], points[:, 1]
        z = self.depth(u, v)
        view = self.view
        flat = np.stack(
            [np.cos(view.yaw) * u + np.sin(view.yaw) * z, np.cos(view.pitch) * v + np.sin(view.pitch) * z], 1
        )
        placed = flat @ self.turn.T + self.shift
        return ((placed + 1) / 2 * size - 0.5).astype(np.float32)

    def head_map(self, size: int, side: int) -> tuple[Array, Array]:
        """For each pixel of a picture, where on a canvas of ``side`` pixels the head layer is read."""
        axis = ((np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1).astype(np.float32)
        back = np.linalg.inv(self.turn).astype(np.float32)
        x, y = axis[None] - np.float32(self.shift[0]), axis[:, None] - np.float32(self.shift[1])
        flat_x, flat_y = back[0, 0] * x + back[0, 1] * y, back[1, 0] * x + back[1, 1] * y
        cy, sy = np.float32(np.cos(self.view.yaw)), np.float32(np.sin(self.view.yaw))
        cp, sp = np.float32(np.cos(self.view.pitch)), np.float32(np.sin(self.view.pitch))
        u, v = flat_x / cy, flat_y / cp
        for _ in range(5):
            z = self.depth(u, v).astype(np.float32)
            u, v = (flat_x - sy * z) / cy, (flat_y - sp * z) / cp
        unit = np.float32(side / (2 * EXTENT))
        return (u + np.float32(EXTENT)) * unit - np.float32(0.5), (v + np.float32(EXTENT)) * unit - np.float32(0.5)

    def affine(self, size: int, side: int, depth: float, follow: float) -> NDArray[np.float64]:
        """Matrix (2,3) from canvas to picture pixels for a flat layer at a depth that follows a share of the roll."""
        view = self.view
        cos, sin = np.cos(view.roll * follow), np.sin(view.roll * follow)
        turn = np.array([[cos, -sin], [sin, cos]]) * view.scale
        moved = np.array([np.sin(view.yaw), np.sin(view.pitch)]) * depth
        # The neck's joint moves with the head, whatever share of the roll the layer follows.
        shift = self.turn @ (_NECK + moved) + self.shift - turn @ _NECK
        to_unit = 2 * EXTENT / side
        linear = turn * to_unit * size / 2
        offset = (turn @ np.full(2, 0.5 * to_unit - EXTENT) + shift + 1) / 2 * size - 0.5
        return np.concatenate([linear, offset[:, None]], 1)
