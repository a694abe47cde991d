"""Low-FaceNet on rendered faces: the whole method in minutes on a laptop, with nothing to download."""

enhancer = dict(type="retinex", channels=16, illumination_channels=1, residual="bound", init="he", start=0.2)

# frozen networks that the losses look through; they ask for them by these keys
heads = dict(
    features=dict(type="small_features", weights="embedded"),
    parser=dict(type="deeplabv3plus", weights="embedded"),
    face=dict(type="face", locate="labels", encoder=dict(type="face_encoder", weights="embedded")),
)

losses = dict(
    # eps far above the paper's 1e-7: the ratio then has no pole where enhanced and negative are equally bright
    brightness_cr=dict(type="brightness_cr", weight=1.0, eps=0.5),
    feature_cr=dict(type="feature_cr", weight=0.1),
    perceptual=dict(type="perceptual", weight=0.1),
    color=dict(type="color", weight=0.05),
    smoothness=dict(type="smoothness", weight=0.65),
    semantic=dict(type="semantic_brightness", weight=1.0, regions="parser"),
    identity=dict(type="identity", weight=0.02),
)

_darkening = dict(type="linear", low=0.10, high=0.35)
train_dataset = dict(
    type="rendered_faces", size=96, identities=150, pictures=4, contrast=True, degradation=_darkening, cache_size=800
)
val_dataset = dict(
    type="rendered_faces", size=96, first_identity=40_000, identities=20, pictures=2, degradation=_darkening
)
test_dataset = dict(
    type="rendered_faces", size=96, first_identity=50_000, identities=50, pictures=2, degradation=_darkening
)
metrics = dict(psnr=dict(type="psnr"), ssim=dict(type="ssim"), rank1=dict(type="rank1"))

max_iters = 400
val_interval = 100
batch_size = 8
lr = 1e-3
lr_schedule = "cosine"
