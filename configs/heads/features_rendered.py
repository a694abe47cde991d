"""Feature network (small, VGG-like) trained on rendered faces: the embedded features of the default recipe."""

head = dict(type="small_features")

train_dataset = dict(type="rendered_faces", size=96, first_identity=10_000, identities=600, pictures=3, cache_size=2400)
test_dataset = dict(type="rendered_faces", size=96, first_identity=20_000, identities=60, pictures=2)

max_iters = 1500
batch_size = 16
lr = 1e-3
lr_schedule = "cosine"
weight_decay = 1e-5
grad_clip = 5.0
