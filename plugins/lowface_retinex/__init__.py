"""Retinex enhancers: networks that estimate a picture's illumination and divide by it."""

from __future__ import annotations

import lowface_core as lf

RELEASED = lf.Weights(
    filename="Low-FaceNet.pth",
    licence="none stated",
    source="https://drive.google.com/drive/folders/1YNpVyA3zsSQ8ns2CfwqXU3A_S7Doj9TF "
    "(Low-FaceNet's released models; the network of the paper)",
)


@lf.hookimpl
def register_enhancers(register: lf.Register) -> None:
    """Low-FaceNet's Enhance-Net, at the paper's width by default."""
    register(
        "retinex",
        "lowface_retinex.enhance_net:EnhanceNet",
        weights={"released": RELEASED},
        network="lowface_retinex.enhance_net:EnhanceNet",
    )
