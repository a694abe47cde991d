"""One rendered picture of one identity, with everything a face data set says about it."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from lowface_core.data.depth import to_bytes, to_float
from lowface_core.data.keyed_rng import keyed_rng
from lowface_core.errors import ConfigError
from lowface_data.rendered import features, head, skin
from lowface_data.rendered.canvas import NOTHING, Array, Canvas, Points
from lowface_data.rendered.hair import Hair, covers_ears
from lowface_data.rendered.pose import Pose, View
from lowface_data.rendered.scene import draw_background, draw_clothes, expose
from lowface_data.rendered.traits import GLASSES, Traits

SMALLEST, LARGEST = 16, 512


@dataclasses.dataclass(frozen=True)
class RenderedFace:
    """A picture and its annotations.

    Attributes:
        pixels: uint8 (size, size, 3), RGB.
        classes: uint8 (size, size), the 11 LaPa classes; *left* is the person's own left, the right of the picture.
        box: float32 (4,), x1 y1 x2 y2 in pixels: hairline to chin and ear to ear, within the picture.
        landmarks: float32 (5,2), x y in pixels: eyes, nose tip, mouth corners; of a pair, the picture's left first.
        coverage: uint8 (size, size), how much of a pixel is the person, hair and clothes included, rather than what is
            behind; 255 is all of it.
    """

    pixels: NDArray[np.uint8]
    classes: NDArray[np.uint8]
    box: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    coverage: NDArray[np.uint8]

    @property
    def image(self) -> NDArray[np.float32]:
        """The picture, float32 (3, size, size), RGB in [0,1], multiples of 1/255; a new array each time."""
        return to_float(np.ascontiguousarray(self.pixels.transpose(2, 0, 1)))

    @property
    def labels(self) -> NDArray[np.int64]:
        """The classes, int64 (size, size); a new array each time."""
        return self.classes.astype(np.int64)


def render_face(identity: int, picture: int, size: int = 128, seed: int = 0) -> RenderedFace:
    """Draw one picture: the same pixels for the same arguments.

    Args:
        identity: who; at least 0.
        picture: which of the identity's pictures; at least 0. Picture 0 is nearly frontal.
        size: height and width in pixels, 16 to 512.
        seed: which population; at least 0.

    Raises:
        ConfigError: an argument is out of its range.
    """
    for name, value in (("identity", identity), ("picture", picture), ("seed", seed)):
        if value < 0:
            raise ConfigError(f"{name} = {value}: must be at least 0")
    if not SMALLEST <= size <= LARGEST:
        raise ConfigError(f"size = {size}: must be between {SMALLEST} and {LARGEST}")
    who = Traits(identity, seed)
    rng = keyed_rng(seed, identity, picture)
    view = View(rng, frontal=picture == 0)
    pose = Pose(who, view)
    fine = size * max(2, -(-96 // size))  # pictures are drawn finer than wanted and averaged down
    side = max(round(fine * 1.16), 160)

    body, back = Canvas(side), Canvas(side)
    front, contour, skull = _draw_head(side, who, view)
    hair = Hair(front, who, view, skull.skull)
    hair.draw_back(back)
    head.draw_neck(body, who, view, contour)
    draw_clothes(body, rng, who, view)
    hair.draw_front(front, front.coverage(contour))

    scene = draw_background(rng, fine)
    labels = np.zeros((size, size), np.uint8)
    behind = np.ones((fine, fine, 1), np.float32)
    for layer, depth, follow in ((back, -0.25, 1.0), (body, -0.12, 0.35)):
        behind *= 1 - _over(scene, cv2.warpAffine(layer.rgba, pose.affine(fine, side, depth, follow), (fine, fine)))
        matrix = pose.affine(size, side, depth, follow)
        _stamp(labels, cv2.warpAffine(layer.label, matrix, (size, size), flags=cv2.INTER_NEAREST, borderValue=NOTHING))
    map_x, map_y = pose.head_map(fine, side)
    behind *= 1 - _over(scene, cv2.remap(front.rgba, map_x, map_y, cv2.INTER_LINEAR))
    # Labels are read with the map of the final pixels' centres.
    map_x, map_y = (cv2.resize(m, (size, size), interpolation=cv2.INTER_AREA) for m in (map_x, map_y))
    read = cv2.remap(front.label, map_x, map_y, cv2.INTER_NEAREST, borderValue=NOTHING)
    _stamp(labels, read)

    pixels = expose(cv2.resize(scene, (size, size), interpolation=cv2.INTER_AREA), view, rng)
    covered = to_bytes(1 - cv2.resize(behind, (size, size), interpolation=cv2.INTER_AREA))
    return RenderedFace(pixels, labels, _box(pose, who, contour, size), _landmarks(pose, who, view, size), covered)


def _draw_head(side: int, who: Traits, view: View) -> tuple[Canvas, Points, head.Relief]:
    """The head without its hair; also its contour and its light."""
    canvas = Canvas(side)
    contour = head.outline(who, view)
    if not covers_ears(who):
        head.draw_ears(canvas, who)
    canvas.fill(contour, skin.skin_texture(canvas, who), label=head.SKIN)
    face = canvas.coverage(contour, blur=0.004)
    mouth = features.Mouth(who, view)
    skin.draw_marks(canvas, who, view)
    skin.draw_beard(canvas, who, mouth, contour, face)
    features.draw_nose(canvas, who)
    mouth.draw(canvas)
    relief = head.Relief(who, view, canvas, contour)
    relief.light_skin(gloss=0.16 + 0.06 * who.tone)
    row = int((who.eye_y / 1.3 + 1) / 2 * side)
    for which in (-1, 1):
        column = int((which * who.eye_x / 1.3 + 1) / 2 * side)
        shade = float(relief.shade[row, column])
        features.draw_eye(canvas, who, view, which, shade)
        features.draw_brow(canvas, who, view, which, shade)
    features.draw_crow_feet(canvas, who, view)
    skin.draw_glasses(canvas, who, GLASSES[who.glasses], view.ambient + 0.5 * view.key)
    return canvas, contour, relief


def _over(scene: Array, layer: Array) -> Array:
    """Put a premultiplied layer over the scene, in place; returns its coverage."""
    scene *= 1 - layer[..., 3:]
    scene += layer[..., :3]
    return layer[..., 3:]


def _stamp(labels: NDArray[np.uint8], layer: Array) -> None:
    np.copyto(labels, layer, where=layer != NOTHING)


def _box(pose: Pose, who: Traits, contour: Points, size: int) -> NDArray[np.float32]:
    face = contour[contour[:, 1] >= who.hairline]
    ears = np.array([[s * (who.face_width + 0.03), y] for s in (-1, 1) for y in (-0.05, 0.1)])
    brow = np.array([[x, who.hairline] for x in (-0.2, 0.0, 0.2)])
    points = pose.points(np.concatenate([face, ears, brow]), size)
    corners = np.concatenate([points.min(0), points.max(0)])
    return np.clip(corners, 0, size - 1).astype(np.float32)


def _landmarks(pose: Pose, who: Traits, view: View, size: int) -> NDArray[np.float32]:
    middles = []
    for which in (-1, 1):
        upper, lower = features.lids(who, view, which)
        middles.append((upper[7] + lower[7]) / 2)
    points = np.concatenate([np.array([*middles, features.nose_tip(who)]), features.Mouth(who, view).corners()])
    return pose.points(points, size)
