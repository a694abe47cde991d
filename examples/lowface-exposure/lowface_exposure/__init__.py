"""An exposure loss for lowface."""

from __future__ import annotations

import lowface_core as lf


@lf.hookimpl
def register_losses(register: lf.Register) -> None:
    """Offers the loss to configs, as type="exposure"."""
    register("exposure", "lowface_exposure.exposure:ExposureLoss")
