"""Dehazing through the frozen classifier (needs weights_root: the work dir of `lowface pretrain …/people.py`)."""

enhancer = dict(type="scattering_net", channels=24)

# frozen: it judges, and learns nothing about haze
heads = dict(
    classifier=dict(
        type="identity_classifier",
        model="mobilenetv3_small_050",
        num_classes=20,
        weights="{weights_root}/weights.safetensors",
    )
)

losses = dict(
    fidelity=dict(type="pixel_l1", weight=1.0),
    classification=dict(type="classification", weight=0.02),
)

_hazy = dict(
    type="rendered_faces", size=64, identities=20, pictures=40, cache_size=800, degradation=dict(type="fog_banks")
)
train_dataset = dict(type="fold", part="train", folds=5, dataset=_hazy)
test_dataset = dict(type="fold", part="test", folds=5, dataset=_hazy)
metrics = dict(accuracy=dict(type="accuracy"), psnr=dict(type="psnr"), ssim=dict(type="ssim"))
best = "accuracy"

max_iters = 2500
batch_size = 8
eval_batch_size = 20
lr = 5e-3
lr_schedule = "cosine"
weight_decay = 0.0
grad_clip = 1.0
