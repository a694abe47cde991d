"""The task head: a small timm network learns to tell twenty rendered people apart, in clear air only."""

head = dict(type="identity_classifier", model="mobilenetv3_small_050", num_classes=20)

_people = dict(type="rendered_faces", size=64, identities=20, pictures=40, cache_size=800)
train_dataset = dict(type="fold", part="train", folds=5, dataset=_people)
# haze in the test set only: what it costs a network that has never seen it is written into the record
test_dataset = dict(type="fold", part="test", folds=5, dataset=dict(degradation=dict(type="fog_banks"), **_people))

max_iters = 600
batch_size = 32
eval_batch_size = 20
lr = 3e-3
lr_schedule = "cosine"
grad_clip = 5.0
