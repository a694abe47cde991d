"""What the trainings of the baselines share: small rendered faces, darkened; a few hundred iterations."""

_darkening = dict(type="linear", low=0.10, high=0.35)
train_dataset = dict(
    type="rendered_faces", size=48, identities=100, pictures=3, contrast=True, degradation=_darkening, cache_size=400
)
test_dataset = dict(
    type="rendered_faces", size=48, first_identity=50_000, identities=40, pictures=1, degradation=_darkening
)
metrics = dict(psnr=dict(type="psnr"), ssim=dict(type="ssim"))

max_iters = 200
batch_size = 4
lr = 2e-3
lr_schedule = "cosine"
sample_interval = 0
