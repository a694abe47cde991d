"""Denoisers of others on the noise of ``docs/plugins/other_tasks.md``: ``python tools/compare_denoisers.py``.

scikit-image's non-local means and the BM3D of its authors, both told the standard deviation of the noise that
scikit-image estimates from the picture alone. Needs ``pip install scikit-image PyWavelets``; BM3D is left out unless
``pip install bm3d`` was said, too: its licence permits no commercial use.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy as np
import torch
from skimage.restoration import denoise_nl_means, estimate_sigma

import lowface_core as lf

#: The page's test set.
NOISE = {"type": "additive_noise", "std": (0.05, 0.15)}
PICTURES = {"size": 64, "first_identity": 50_000, "identities": 15, "degradation": NOISE}
Denoiser = Callable[[np.ndarray], np.ndarray]


def nothing(noisy: np.ndarray) -> np.ndarray:
    """The picture as it is."""
    return noisy


def non_local_means(noisy: np.ndarray) -> np.ndarray:
    """Buades, Coll, Morel, CVPR 2005, with scikit-image's recommended strength of 0.8 standard deviations."""
    sigma = float(np.mean(estimate_sigma(noisy, channel_axis=-1)))
    settings = {"patch_size": 5, "patch_distance": 6, "fast_mode": True, "channel_axis": -1}
    return denoise_nl_means(noisy, h=0.8 * sigma, sigma=sigma, **settings)


def block_matching(noisy: np.ndarray) -> np.ndarray:
    """BM3D (Dabov et al., IEEE TIP 16, 2007) of package bm3d with its own settings, all colours by one grouping."""
    from bm3d import bm3d_rgb

    return bm3d_rgb(noisy, float(np.mean(estimate_sigma(noisy, channel_axis=-1))))


METHODS: dict[str, Denoiser] = {"noisy": nothing, "non-local means": non_local_means}
if importlib.util.find_spec("bm3d"):
    METHODS["BM3D"] = block_matching


def compare(identities: int = 15) -> dict[str, dict[str, float]]:
    """PSNR and SSIM of each method on the page's test set, or on its first people."""
    dataset = lf.build("dataset", "rendered_faces", **{**PICTURES, "identities": identities})
    table = {}
    for name, denoise in METHODS.items():
        metrics = {key: lf.build("metric", key) for key in ("psnr", "ssim")}
        for place in range(len(dataset)):
            item = dataset[place]
            noisy = np.asarray(item["low"], np.float64).transpose(1, 2, 0)
            clean = denoise(noisy).clip(0, 1).transpose(2, 0, 1)
            normal = torch.as_tensor(np.asarray(item["normal"]))[None].float()
            for metric in metrics.values():
                metric.update(torch.from_numpy(np.ascontiguousarray(clean))[None].float(), normal)
        table[name] = {key: float(metric.compute()) for key, metric in metrics.items()}
    return table


if __name__ == "__main__":
    for title, numbers in compare().items():
        print(f"| {title} | {numbers['psnr']:.1f} | {numbers['ssim']:.3f} |")
