"""SCI (Ma et al., CVPR 2022) trained through its cascade with calibration, without references, on rendered faces."""

_base_ = "_base_/rendered.py"

enhancer = dict(type="sci", stages=3)

losses = dict(
    # the paper's 1.5 is of the sum over three stages, this of their mean
    fidelity=dict(
        type="illumination_fidelity", weight=4.5, reads=dict(illumination="stages", first_illumination="stage_inputs")
    ),
    smoothness=dict(type="stage_smoothness", weight=1.0),
)

lr = 5e-3
