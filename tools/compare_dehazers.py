"""A dehazer that learns nothing, on the haze of ``examples/lowface-dehaze``.

``python tools/compare_dehazers.py [WORK_DIR…]`` after ``pip install -e examples/lowface-dehaze``; the work dirs are of
dehazers to be told beside it. The example's 160 test pictures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
import torch

import lowface_core as lf

FACES = {"type": "rendered_faces", "size": 64, "identities": 20, "pictures": 40}
HAZY = {"part": "test", "folds": 5, "dataset": {**FACES, "degradation": {"type": "fog_banks"}}}
Dehazer = Callable[[np.ndarray], np.ndarray]


def nothing(hazy: np.ndarray) -> np.ndarray:
    """The picture as it is."""
    return hazy


def guided(guide: np.ndarray, image: np.ndarray, radius: int, epsilon: float) -> np.ndarray:
    """The guided filter (He, Sun, Tang, ECCV 2010) of one plane (H,W) by a grey guide (H,W)."""
    window = (2 * radius + 1, 2 * radius + 1)

    def mean(plane: np.ndarray) -> np.ndarray:
        return cv2.blur(plane, window, borderType=cv2.BORDER_REFLECT)

    centre, target = mean(guide), mean(image)
    slope = (mean(guide * image) - centre * target) / (mean(guide * guide) - centre**2 + epsilon)
    return mean(slope) * guide + mean(target - slope * centre)


def dark_channel(
    hazy: np.ndarray, patch: int = 5, omega: float = 0.95, least: float = 0.1, radius: int = 8, epsilon: float = 1e-3
) -> np.ndarray:
    """Dehazing by the dark-channel prior (He, Sun, Tang, CVPR 2009).

    Args:
        hazy: (H,W,3) in [0,1].
        patch: side of the square that has something dark in it; 15 in the paper, for pictures of ten times the size.
        omega: share of the haze that is taken out, 0.95 in the paper.
        least: smallest transmission, 0.1 in the paper.
        radius: of the guided filter that takes the place of the paper's matting (the authors' own later choice).
        epsilon: of the same.

    Returns:
        (H,W,3), not clipped.
    """
    square = np.ones((patch, patch), np.uint8)
    dark = cv2.erode(hazy.min(-1), square)
    brightest = np.argsort(dark.ravel())[-max(1, dark.size // 1000) :]  # the haziest thousandth of the pixels
    candidates = hazy.reshape(-1, 3)[brightest]
    airlight = candidates[candidates.sum(-1).argmax()].clip(1e-3)
    seen = 1 - omega * cv2.erode((hazy / airlight).min(-1), square)
    seen = guided(hazy.mean(-1), seen, radius, epsilon).clip(least, 1)[..., None]
    return (hazy - airlight) / seen + airlight


METHODS: dict[str, Dehazer] = {"hazed": nothing, "dark-channel prior": dark_channel}


def compare(dataset: Any, runs: Sequence[str] = ()) -> dict[str, dict[str, float]]:
    """PSNR and SSIM of each method, and of each run's network, on a data set's pairs."""
    table: dict[str, dict[str, float]] = {}
    networks = {run: lf.load_enhancer(run) for run in runs}
    for name in (*METHODS, *networks):
        metrics = {key: lf.build("metric", key) for key in ("psnr", "ssim")}
        for place in range(len(dataset)):
            item = dataset[place]
            low, normal = (torch.as_tensor(np.asarray(item[key]))[None].float() for key in ("low", "normal"))
            if name in networks:
                with torch.no_grad():
                    clear = networks[name](low)
            else:
                picture = METHODS[name](low[0].permute(1, 2, 0).double().numpy()).clip(0, 1)
                clear = torch.from_numpy(picture).permute(2, 0, 1)[None].float()
            for metric in metrics.values():
                metric.update(clear, normal)
        table[name] = {key: float(metric.compute()) for key, metric in metrics.items()}
    return table


if __name__ == "__main__":
    for title, numbers in compare(lf.build("dataset", "fold", **HAZY), sys.argv[1:]).items():
        print(f"| {title} | {numbers['psnr']:.2f} | {numbers['ssim']:.3f} |")
