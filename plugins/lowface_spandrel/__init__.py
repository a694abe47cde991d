"""Restoration networks of many papers through one enhancer, which asks the package spandrel what a checkpoint holds."""

from __future__ import annotations

import lowface_core as lf


@lf.hookimpl
def register_enhancers(register: lf.Register) -> None:
    """Needs ``pip install "lowface[spandrel]"``; without it the enhancer is listed, and says so when it is built."""
    register("spandrel", "lowface_spandrel.restorer:Restorer")
