"""Zero-DCE++ (Li et al., TPAMI 2022) trained without references, on rendered faces."""

_base_ = "zero_dce.py"

# scale 12 is for photos; of these small pictures too little would be left
enhancer = dict(type="zero_dcepp", scale=2)
