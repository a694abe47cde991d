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


def _seen(first, identities, places, **degradation):
    """Rendered people before rendered places, darkened."""
    people = dict(type="rendered_faces", size=176, first_identity=first, identities=identities, pictures=3)
    there = dict(type="staged", places=places, dataset=dict(**people, cache_size=3 * identities))
    cut = dict(type="augmented", flip=0.5, crop=160, dataset=there)
    return dict(type="darkened", degradation=degradation, dataset=cut)


train_dataset = dict(
    type="concat",
    # three tenths have hardly any noise: there the enhancer is to find the exposure and to do nothing else
    datasets=[
        _seen(0, 130, 160, type="night"),
        _seen(130, 20, 25, type="linear", low=0.05, high=0.5),
        _seen(150, 20, 25, type="gamma_noise", gamma=(1.4, 2.6)),
    ],
    shares=[0.7, 0.2, 0.1],
)

max_iters = 2000
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
