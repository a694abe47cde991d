"""Enhancers to compare with."""

from __future__ import annotations

import lowface_core as lf

from .published import SCI, SCL_LLE, ZERO_DCE, ZERO_DCEPP

#: Learnt methods: registered name → (factory, records of its weights).
LEARNT = {
    "zero_dce": ("zero_dce:ZeroDCE", ZERO_DCE),
    "zero_dcepp": ("zero_dcepp:ZeroDCEPlusPlus", ZERO_DCEPP),
    "scl_lle": ("scl_lle:SCLLLE", SCL_LLE),
    "sci": ("sci:SCI", SCI),
}


@lf.hookimpl
def register_enhancers(register: lf.Register) -> None:
    """Offers the baselines."""
    register("gamma", "lowface_baselines.gamma:Gamma")
    for name, (factory, weights) in LEARNT.items():
        register(name, f"lowface_baselines.{factory}", weights=weights, network=f"lowface_baselines.{factory}")
