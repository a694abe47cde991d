"""Low-FaceNet on a folder of real faces, with RetinaFace and MobileFaceNet judging (needs data_root, weights_root)."""

enhancer = dict(type="retinex", channels=16, illumination_channels=1, residual="bound", init="he", start=0.2)

heads = dict(
    features=dict(type="mobilenet_v1", weights="{weights_root}/mobilenetv1_x0.25_imagenet.tar"),
    face=dict(
        type="face",
        locate="enhanced",
        detector=dict(type="retinaface", weights="{weights_root}/Retinaface_mobilenet0.25.pth"),
        encoder=dict(type="mobilefacenet", weights="{weights_root}/mobilefacenet_casia_068.ckpt"),
    ),
)

losses = dict(
    # eps far above the paper's 1e-7: the ratio then has no pole where enhanced and negative are equally bright
    brightness_cr=dict(type="brightness_cr", weight=1.0, eps=0.5),
    feature_cr=dict(type="feature_cr", weight=0.1, layers=("stage1.2", "stage1.4", "stage1")),
    perceptual=dict(type="perceptual", weight=1.0, layer="stage1"),
    color=dict(type="color", weight=0.05),
    smoothness=dict(type="smoothness", weight=0.65),
    semantic=dict(type="semantic_brightness", weight=1.0),
    identity=dict(type="identity", weight=0.02),
)

train_dataset = dict(
    type="lapa_face",
    root="{data_root}",
    split="train",
    size=96,
    gallery_size=256,
    contrast=True,
    degradation=dict(type="linear", low=0.10, high=0.35),
)
test_dataset = dict(
    type="lapa_face", root="{data_root}", split="test", size=256, degradation=dict(type="linear", low=0.15, high=0.30)
)
metrics = dict(psnr=dict(type="psnr"), ssim=dict(type="ssim"), rank1=dict(type="rank1"))

max_iters = 600
batch_size = 8
lr = 1e-3
lr_schedule = "cosine"
