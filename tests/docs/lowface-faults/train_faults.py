# ruff: noqa: C408
"""Every loss of this config has a fault that only using it shows."""

enhancer = dict(type="retinex", channels=4)
losses = dict(
    reads=dict(type="reads"),
    raises=dict(type="raises"),
    typo=dict(type="typo"),
    clash=dict(type="smoothness"),
    infinite=dict(type="infinite"),
)
train_dataset = dict(type="rendered_faces", size=32, identities=4, degradation=dict(type="linear"))
max_iters = 2
batch_size = 2
