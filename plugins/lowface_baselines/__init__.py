"""Enhancers to compare with, and the losses that train the learnt ones."""

from __future__ import annotations

import lowface_core as lf

from .published import RETINEXNET, RUAS, SCI, SCL_LLE, SSIENET, ZERO_DCE, ZERO_DCEPP

#: Learnt methods: registered name → (factory, records of its weights).
LEARNT = {
    "zero_dce": ("zero_dce:ZeroDCE", ZERO_DCE),
    "zero_dcepp": ("zero_dcepp:ZeroDCEPlusPlus", ZERO_DCEPP),
    "scl_lle": ("scl_lle:SCLLLE", SCL_LLE),
    "sci": ("sci:SCI", SCI),
    "ruas": ("ruas:RUAS", RUAS),
    "retinexnet": ("retinexnet:RetinexNet", RETINEXNET),
    "ssienet": ("ssienet:SSIENet", SSIENET),
}


@lf.hookimpl
def register_enhancers(register: lf.Register) -> None:
    """Offers the baselines."""
    register("gamma", "lowface_baselines.gamma:Gamma")
    register("gain", "lowface_baselines.gain:Gain")
    register("histogram_equalization", "lowface_baselines.histogram_equalization:HistogramEqualization")
    register("clahe", "lowface_baselines.clahe:CLAHE")
    register("lime", "lowface_baselines.lime:LIME")
    for name, (factory, weights) in LEARNT.items():
        # scl_lle has the layout of zero_dce: a checkpoint does not tell which of the two it is
        network = None if name == "scl_lle" else f"lowface_baselines.{factory}"
        register(name, f"lowface_baselines.{factory}", weights=weights, network=network)


@lf.hookimpl
def register_losses(register: lf.Register) -> None:
    """What the baselines' own trainings add to the losses that there are."""
    register("spatial_consistency", "lowface_baselines.spatial_consistency:SpatialConsistency")
    register("exposure_control", "lowface_baselines.exposure_control:ExposureControl")
    register("retinex_reconstruction", "lowface_baselines.retinex_reconstruction:RetinexReconstruction")
    register("structure_smoothness", "lowface_baselines.structure_smoothness:StructureSmoothness")
    register("retinexnet_decomposition", "lowface_baselines.retinexnet_decomposition:RetinexNetDecomposition")
    register("maximum_entropy", "lowface_baselines.maximum_entropy:MaximumEntropy")
    register("illumination_fidelity", "lowface_baselines.illumination_fidelity:IlluminationFidelity")
    register("stage_smoothness", "lowface_baselines.stage_smoothness:StageSmoothness")
    register("relative_total_variation", "lowface_baselines.relative_total_variation:RelativeTotalVariation")
    register("exposure_triplet", "lowface_baselines.exposure_triplet:ExposureTriplet")
