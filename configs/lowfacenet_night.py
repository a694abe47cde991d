"""Enhancer ``night`` trained on real faces, with MobileFaceNet looking on (needs data_root, weights_root)."""

# `data_root` holds `celeba-face/` (`normal/`, `split.json`), `lfw-faces/` (a folder a person) and
# `lfw-faces-split.json` (its people in `train` and `test`). SFace, not MobileFaceNet, is to judge the result:
# `lowface identify --config recognition_sface`.

_base_ = "night_rendered"

# rendered faces have taught it what noise and lamps do; photographs teach it what faces look like
enhancer = dict(weights="base")

heads = dict(
    face=dict(
        _delete_=True,
        type="face",
        locate="normal",
        cache=False,
        detector=dict(type="retinaface", weights="{weights_root}/Retinaface_mobilenet0.25.pth"),
        encoder=dict(type="mobilefacenet", weights="{weights_root}/mobilefacenet_casia_068.ckpt"),
    ),
)

losses = dict(embedding=dict(weight=0.5))

_people = dict(root="{data_root}/lfw-faces", splits="{data_root}/lfw-faces-split.json")


def _photographs(**degradation):
    """Training pictures of both sets, darkened."""
    both = dict(
        type="concat",
        datasets=[
            dict(type="lapa_face", root="{data_root}/celeba-face", split="train", size=192),
            dict(type="lfw", **_people, split="train", size=192),
        ],
    )
    cut = dict(type="augmented", flip=0.5, crop=160, dataset=both)
    return dict(type="darkened", degradation=degradation, dataset=cut)


train_dataset = dict(
    _delete_=True,
    type="concat",
    # as in night_rendered: three tenths have hardly any noise
    datasets=[
        _photographs(type="night"),
        _photographs(type="linear", low=0.05, high=0.5),
        _photographs(type="gamma_noise", gamma=(1.4, 2.6)),
    ],
    shares=[0.7, 0.2, 0.1],
)
test_dataset = dict(
    type="lapa_face",
    root="{data_root}/celeba-face",
    split="test",
    size=256,
    degradation=dict(type="night", preset="hard"),
)
metrics = dict(psnr=dict(type="psnr"), ssim=dict(type="ssim"))

max_iters = 2400
lr = 1e-3
