"""Contrastive regularisation: enhanced pictures drawn to normal-light pictures and away from low-light ones."""

from __future__ import annotations

import lowface_core as lf


@lf.hookimpl
def register_losses(register: lf.Register) -> None:
    """The two contrastive losses of Low-FaceNet, equations (2) and (3)."""
    register("feature_cr", "lowface_contrast.feature_cr:FeatureCR")
    register("brightness_cr", "lowface_contrast.brightness_cr:BrightnessCR")
