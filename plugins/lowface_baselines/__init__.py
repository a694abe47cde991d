"""Enhancers to compare with."""

from __future__ import annotations

import lowface_core as lf


@lf.hookimpl
def register_enhancers(register: lf.Register) -> None:
    """Offers the baselines."""
    register("gamma", "lowface_baselines.gamma:Gamma")
