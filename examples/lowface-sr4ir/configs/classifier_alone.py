"""Ablation of turns.py: pictures are only multiplied by four; the classifier alone learns, on dark and good patches."""

_base_ = "frozen.py"

enhancer = dict(_delete_=True, type="gain", factor=4.0)
losses = dict(
    fidelity=dict(_delete_=True),
    perceptual=dict(_delete_=True),
    mixed=dict(type="mixed_classification", weight=1.0),
)

phases = [dict(train="heads.classifier", iters=10, lr=3e-4)]
