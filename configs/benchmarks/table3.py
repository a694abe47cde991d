"""The paper's Table III, for those who have its data: quality on CelebA-Test-II (needs data_root, weights_root)."""

# data_root: CelebA-Test-II in the released layout, normal/ and underexposed/. Weights: as for table2, without UNIQUE
# and the recogniser.
_base_ = "./_base_/methods.py"

methods = dict(low_facenet=dict(type="retinex", checkpoint="{weights_root}/Low-FaceNet.pth"))
datasets = dict(
    celeba_test_ii=dict(
        dataset=dict(type="lapa_face", root="{data_root}/CelebA-Test-II", split=None),
        metrics=dict(
            psnr=dict(type="psnr"),
            ssim=dict(type="ssim"),
            lpips=dict(type="lpips", weights="vgg", variant="vgg_released"),
            fid=dict(type="fid", weights="inception"),
        ),
    ),
)
eval_batch_size = 1
