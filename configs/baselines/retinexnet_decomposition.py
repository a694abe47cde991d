"""RetinexNet (Wei et al., BMVC 2018), first training: the decomposition, on pairs of rendered faces; narrow."""

_base_ = "_base_/rendered.py"

enhancer = dict(type="retinexnet", width=16, trained="decomposition")

losses = dict(decomposition=dict(type="retinexnet_decomposition", weight=1.0))
