"""Metrics of enhancement and recognition: PSNR, SSIM, rank-1 accuracy."""

from __future__ import annotations

import lowface_core as lf


@lf.hookimpl
def register_metrics(register):
    """The full-reference metrics and the recognition accuracy of Low-FaceNet's Table II."""
    register("psnr", "lowface_metrics.psnr:PSNR", better="higher")
    register("ssim", "lowface_metrics.ssim:SSIM", better="higher")
    register("rank1", "lowface_metrics.rank1:Rank1", better="higher")
