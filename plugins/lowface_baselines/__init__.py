"""Enhancers to compare with."""

from __future__ import annotations

from lowface_core.registry.hookspecs import Register, hookimpl


@hookimpl
def register_enhancers(register: Register) -> None:
    """Offers the baselines."""
    register("gamma", "lowface_baselines.gamma:Gamma")
