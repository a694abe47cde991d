"""Enhancer ``night`` trained on rendered faces and textures alone, no photograph: the weights that ship."""

enhancer = dict(type="night", size="base")

heads = dict(
    features=dict(type="small_features", weights="embedded"),
    face=dict(type="face", locate="labels", cache=False, encoder=dict(type="face_encoder", weights="embedded")),
)

losses = dict(
    charbonnier=dict(type="charbonnier", weight=1.0),
    feature_distance=dict(type="feature_distance", weight=0.05),
    embedding=dict(type="embedding", weight=0.3),
)

train_dataset = dict(
    type="darkened",
    degradation=dict(type="night"),
    dataset=dict(
        type="augmented",
        flip=0.5,
        crop=160,
        dataset=dict(
            type="staged",
            dataset=dict(type="rendered_faces", size=176, identities=300, pictures=3, cache_size=900),
        ),
    ),
)

max_iters = 3000
batch_size = 8
lr = 2e-3
lr_schedule = "cosine"
weight_decay = 0.0
grad_clip = 1.0
ema = 0.998
checkpoint_interval = 50
log_interval = 25
sample_interval = 250
samples = 8
