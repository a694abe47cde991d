"""The paper's Table II for those who have its data and weights: quality, and recognition on three sets."""

# data_root: CelebA-Test, LaPa-Test, CASIA-Test and LFW in the released layout, normal/ and underexposed/ with names
# <identity>_<n>. They are the authors' to give; another set of the same name gives other numbers.
# weights_root: the weights of the compared methods (docs/baselines.md), Low-FaceNet.pth, and the recogniser's
# Retinaface_mobilenet0.25.pth and facenet_mobilenet.pth. LPIPS, FID and UNIQUE want the extra `metrics` and
# `lowface weights fetch lpips/vgg fid/inception`, `lowface weights add unique/released unique.pt`.
_base_ = "./_base_/methods.py"

methods = dict(low_facenet=dict(type="retinex", checkpoint="{weights_root}/Low-FaceNet.pth"))

_heads = dict(
    face=dict(
        type="face",
        locate="enhanced",
        align="eyes",
        detector=dict(type="retinaface", weights="{weights_root}/Retinaface_mobilenet0.25.pth", input_size=640),
        encoder=dict(type="facenet_mobilenet", weights="{weights_root}/facenet_mobilenet.pth"),
    ),
)
_rank1 = dict(rank1=dict(type="rank1"))


def _folder(name):
    return dict(type="lapa_face", root="{data_root}/" + name, split=None)


datasets = dict(
    celeba_test=dict(
        dataset=_folder("CelebA-Test"),
        metrics=dict(
            psnr=dict(type="psnr"),
            ssim=dict(type="ssim"),
            lpips=dict(type="lpips", weights="vgg", variant="vgg_released"),
            fid=dict(type="fid", weights="inception"),
            unique=dict(type="unique", weights="released"),
        ),
    ),
    lapa_test=dict(dataset=_folder("LaPa-Test"), metrics=_rank1, heads=_heads),
    casia_test=dict(dataset=_folder("CASIA-Test"), metrics=_rank1, heads=_heads),
    lfw=dict(dataset=_folder("LFW"), metrics=_rank1, heads=_heads),
)
eval_batch_size = 1  # pictures of any size
