"""SSIENet (Zhang et al., 2020) trained on low-light pictures alone, on rendered faces; narrow."""

_base_ = "_base_/rendered.py"

enhancer = dict(type="ssienet", width=16)

losses = dict(
    reconstruction=dict(type="retinex_reconstruction", weight=1.0, reads=dict(reflectance="enhanced")),
    entropy=dict(type="maximum_entropy", weight=0.1),
    smoothness=dict(type="structure_smoothness", weight=0.1, reads=dict(reflectance="enhanced")),
)
