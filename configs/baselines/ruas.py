"""RUAS (Liu et al., CVPR 2021), the illumination of the architecture found, without references, on rendered faces."""

_base_ = "_base_/rendered.py"

enhancer = dict(type="ruas")

losses = dict(
    fidelity=dict(type="illumination_fidelity", weight=1.0),
    texture=dict(type="relative_total_variation", weight=0.01),
)

# these losses alone are least where the picture is white: a low rate ends the training before
lr = 3e-4
