"""Zero-DCE (Guo et al., CVPR 2020) trained without references, on rendered faces."""

_base_ = "_base_/rendered.py"

enhancer = dict(type="zero_dce")

losses = dict(
    spatial=dict(type="spatial_consistency", weight=1.0),
    exposure=dict(type="exposure_control", weight=1.0),
    color=dict(type="color_constancy", weight=0.5),
    # the paper's 20 is of the sum over three channels, this of their mean
    smoothness=dict(type="total_variation", squared=True, weight=60.0, reads=dict(enhanced="curves")),
)
