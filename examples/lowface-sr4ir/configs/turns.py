"""The same with a classifier that learns, too: in turns with the enhancer, on dark, enhanced and good patches."""

_base_ = "frozen.py"

losses = dict(mixed=dict(type="mixed_classification", weight=1.0))

phases = [
    dict(train="enhancer", iters=10, losses=["fidelity", "perceptual"]),
    dict(train="heads.classifier", iters=10, losses=["mixed"], lr=3e-4),
]
