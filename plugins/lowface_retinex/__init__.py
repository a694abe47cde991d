"""Retinex enhancers: networks that estimate a picture's illumination and divide by it."""

from __future__ import annotations

import lowface_core as lf


@lf.hookimpl
def register_enhancers(register):
    """Low-FaceNet's Enhance-Net, at the paper's width by default."""
    register("retinex", "lowface_retinex.enhance_net:EnhanceNet")
