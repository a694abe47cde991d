"""SCL-LLE (Liang et al., AAAI 2022): contrast, even brightness in a part of the face, and kept features."""

_base_ = "_base_/rendered.py"

enhancer = dict(type="scl_lle")

heads = dict(
    features=dict(type="small_features", weights="embedded"),
    parser=dict(type="deeplabv3plus", weights="embedded"),
)

losses = dict(
    # in these features the Gram matrices of a bright and a dark face differ by 0.03: a larger margin adds a constant
    contrast=dict(type="exposure_triplet", weight=1.0, feature_margin=0.03),
    semantic=dict(type="semantic_brightness", weight=1.0, regions="parser"),
    perceptual=dict(type="perceptual", weight=0.1),
)

max_iters = 60  # two heads make a step dear, and most is learnt by then
