"""Enhancer ``night`` trained on rendered faces and textures alone, no photograph: the weights that ship."""

enhancer = dict(type="night", size="base")

heads = dict(
    face=dict(type="face", locate="labels", cache=False, encoder=dict(type="face_encoder", weights="embedded")),
)

losses = dict(
    charbonnier=dict(type="charbonnier", weight=1.0),
    # exposure and lamps can only be guessed; without this the noise would hardly be felt beside that error
    detail=dict(type="charbonnier", weight=2.0, detail=8),
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
            dataset=dict(type="rendered_faces", size=176, identities=220, pictures=3, cache_size=660),
        ),
    ),
)

max_iters = 2600
batch_size = 8
lr = 2e-3
lr_schedule = "cosine"
weight_decay = 0.0
grad_clip = 1.0
ema = 0.996
checkpoint_interval = 50
log_interval = 25
sample_interval = 250
samples = 8
