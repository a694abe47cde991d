"""The enhancer learns through the frozen classifier (needs weights_root: the work dir of `pretrain …/patterns.py`)."""

enhancer = dict(type="brightening_net", channels=20)

heads = dict(classifier=dict(type="resnet_ladder", classes=8, weights="{weights_root}/weights.safetensors"))

losses = dict(
    fidelity=dict(type="reference_l1", weight=1.0),
    # lowface's own loss, told to compare with the good picture, by the features of the classifier
    perceptual=dict(type="perceptual", layer="layer2", weight=0.1, reads=dict(low="normal", features="classifier")),
)

_dark = dict(type="gamma_noise", gamma=(2.5, 3.5), noise=(16.0, 32.0))
train_dataset = dict(type="patterns", count=2000, degradation=_dark)
test_dataset = dict(type="patterns", count=640, first=100_000, degradation=_dark)
metrics = dict(top1=dict(type="top1"), psnr=dict(type="psnr"))
best = "top1"

max_iters = 200
batch_size = 16
eval_batch_size = 40
lr = 1e-3
lr_schedule = "cosine"
weight_decay = 0.0
grad_clip = 1.0
checkpoint_interval = 1000
sample_interval = 0
