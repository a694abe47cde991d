"""A narrow IResNet-18 trained on rendered faces, where no published weights can be had: a start, no recogniser."""

head = dict(type="arcface", depth=18, width=16, dim=128)

train_dataset = dict(type="rendered_faces", size=96, first_identity=10_000, identities=120, pictures=4, cache_size=480)
test_dataset = dict(
    type="rendered_faces",
    size=96,
    first_identity=20_000,
    identities=40,
    pictures=2,
    degradation=dict(type="linear", low=0.10, high=0.35),
)

max_iters = 300
batch_size = 16
lr = 1e-3
lr_schedule = "cosine"
grad_clip = 5.0
