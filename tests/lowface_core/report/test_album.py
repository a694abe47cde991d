from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from lowface_core.report.album import STEPS, Album, Shot


def noisy(seed: int, width: int = 256, height: int = 192) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def decoded(shot: Shot) -> Image.Image:
    head, content = shot.source.split(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(content)))


def test_few_pictures_keep_their_size() -> None:
    album = Album()
    small, large, sheet = (
        album.add(Shot(image, "alt", "caption", scale))
        for image, scale in ((noisy(0, 96, 80), 1.0), (noisy(1, 600, 300), 1.0), (noisy(2, 600, 300), 2.0))
    )
    album.close()
    assert (album.side, album.quality) == STEPS[0]
    assert decoded(small).size == (small.width, small.height) == (96, 80)
    assert decoded(large).size == (256, 128)
    assert decoded(sheet).size == (512, 256)


def test_many_pictures_share_the_room() -> None:
    album = Album(room=200_000)
    for seed in range(20):
        album.add(Shot(noisy(seed), "alt", "caption"))
    album.close()
    assert sum(len(shot.source) for shot in album.shots) <= 200_000
    assert album.side < STEPS[0][0]
    assert all(max(decoded(shot).size) == album.side for shot in album.shots)
