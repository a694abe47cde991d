"""Low-FaceNet on a folder of real faces, with RetinaFace and MobileFaceNet judging (needs data_root, weights_root)."""

enhancer = dict(type="retinex", channels=16, illumination_channels=1)

heads = dict(
    vgg=dict(type="mobilenet_v1", weights="{weights_root}/mobilenetv1_x0.25_imagenet.tar"),
    face=dict(
        type="face",
        locate="enhanced",
        detector=dict(type="retinaface", weights="{weights_root}/Retinaface_mobilenet0.25.pth"),
        encoder=dict(type="mobilefacenet", weights="{weights_root}/mobilefacenet_casia_068.ckpt"),
    ),
)

losses = dict(
    feature_cr=dict(type="feature_cr", weight=0.1, layers=("stage1", "stage2"), layer_weights=(0.5, 0.5)),
    brightness_cr=dict(type="brightness_cr", weight=1.0),
    perceptual=dict(type="perceptual", weight=0.1, layer="stage2"),
    color=dict(type="color", weight=0.5),
    smoothness=dict(type="smoothness", weight=0.05),
    semantic=dict(type="semantic_brightness", weight=0.1),
    identity=dict(type="identity", weight=0.02),
)

train_dataset = dict(
    type="lapa_face",
    root="{data_root}",
    split="train",
    size=96,
    contrast=True,
    degradation=dict(type="linear", low=0.10, high=0.35),
)
test_dataset = dict(
    type="lapa_face", root="{data_root}", split="test", size=256, degradation=dict(type="linear", low=0.15, high=0.30)
)
metrics = dict(psnr=dict(type="psnr"), ssim=dict(type="ssim"), rank1=dict(type="rank1"))

max_iters = 3000
batch_size = 8
lr = 1e-3
