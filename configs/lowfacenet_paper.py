"""Low-FaceNet as the paper trained it, on LaPa-Face (needs data_root and weights_root; a GPU is strongly advised)."""

# Enhance-Net as published: three illumination channels, 64 wide
enhancer = dict(type="retinex")

heads = dict(
    features=dict(type="vgg16", weights="imagenet"),
    parser=dict(type="deeplabv3plus_mobilenet", weights="{weights_root}/best_deeplabv3plus_mobilenet_lapa_epoch96.pth"),
    face=dict(
        type="face",
        locate="enhanced",
        align="eyes",
        detector=dict(type="retinaface", weights="{weights_root}/Retinaface_mobilenet0.25.pth", input_size=640),
        encoder=dict(type="facenet_mobilenet", weights="{weights_root}/facenet_mobilenet.pth"),
    ),
)

# λ of the paper's equation (11); each loss in the paper's form. form="released" is what its code computes.
losses = dict(
    feature_cr=dict(type="feature_cr", weight=0.62),
    brightness_cr=dict(type="brightness_cr", weight=0.22),
    perceptual=dict(type="perceptual", weight=1.0),
    color=dict(type="color", weight=0.05),
    smoothness=dict(type="smoothness", weight=0.65),
    semantic=dict(type="semantic_brightness", weight=1.0, regions="parser"),
    identity=dict(type="identity", weight=1.0),
)

# <root>/{normal,underexposed,seg}/<identity>_<n>.jpg|png and Contrast/{high,low}
train_dataset = dict(type="lapa_face", root="{data_root}/LaPa-Face", split=None, size=384, contrast=True)
test_dataset = dict(type="lapa_face", root="{data_root}/LaPa-Test", split=None, size=384)
metrics = dict(psnr=dict(type="psnr"), ssim=dict(type="ssim"), rank1=dict(type="rank1"))

max_epochs = 100
batch_size = 2
lr = 1e-4
weight_decay = 1e-4
grad_clip = 0.1
seed = 1
num_workers = 4
checkpoint_interval = 1000
sample_interval = 1000
