"""Published methods on real faces: quality in three darkenings, identification in two; needs data and weights."""

_base_ = "./_base_/methods.py"

# Beside the published ones: the SCI weights, four methods without learning, the weights that ship, and this project's
# recipes as `lowface train lowfacenet_celeba` (`lowfacenet_sensor`, `lowfacenet_night`) leaves them under runs_root, if
# they are there.
methods = dict(
    sci_easy=dict(type="sci", weights="{weights_root}/sci_easy.pt"),
    sci_medium=dict(type="sci", weights="{weights_root}/sci_medium.pt"),
    sci_difficult=dict(type="sci", weights="{weights_root}/sci_difficult.pt"),
    gain=dict(type="gain", factor=4.5),
    gamma=dict(type="gamma", gamma=0.4),
    histogram_equalization=dict(type="histogram_equalization"),
    clahe=dict(type="clahe"),
    night=dict(checkpoint="night/base"),
    lowfacenet_celeba=dict(checkpoint="{runs_root}/lowfacenet_celeba", optional=True),
    lowfacenet_sensor=dict(checkpoint="{runs_root}/lowfacenet_sensor", optional=True),
    lowfacenet_night=dict(checkpoint="{runs_root}/lowfacenet_night", optional=True),
)

_quality = dict(psnr=dict(type="psnr"), ssim=dict(type="ssim"))
_recognition = dict(recogniser="recognition_sface")
# The second level leaves so few electrons that the recogniser fails on four of ten pictures as they are.
_dim = dict(type="sensor", exposure=(0.04, 0.10))
_dark = dict(type="sensor", exposure=(0.01, 0.03), electrons=(500, 1500), read_noise=(2, 4))
_lfw = dict(type="lfw", root="{data_root}/lfw-faces", splits="{data_root}/lfw-faces-split.json", split="test")
_celeba = dict(type="lapa_face", root="{data_root}/celeba-face", split="test", size=256)

# 200 pictures of CelebA-HQ three times, 240 probes of 150 people twice: 1,080 pictures a method, 75 CPU minutes for all
# of them (RetinexNet 24, SSIENet 14, LIME 11, the rest below 8 each, on busy cores). `--jobs 2` halves the time on two
# cores.
datasets = dict(
    celeba_linear=dict(dataset=dict(**_celeba, degradation=dict(type="linear", low=0.15, high=0.30)), metrics=_quality),
    celeba_gamma=dict(
        dataset=dict(**_celeba, degradation=dict(type="gamma_noise", gamma=(2.15, 2.25), noise=(3, 10))),
        metrics=_quality,
    ),
    celeba_sensor=dict(dataset=dict(**_celeba, degradation=_dim), metrics=_quality),
    lfw_dim=dict(dataset=dict(**_lfw, degradation=_dim), identification=_recognition),
    lfw_dark=dict(dataset=dict(**_lfw, degradation=_dark), identification=_recognition),
)
seed = 1
