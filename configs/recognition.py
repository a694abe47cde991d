"""The recogniser of `lowface identify` and `lowface verify`: RetinaFace and MobileFaceNet (needs weights_root)."""

heads = dict(
    face=dict(
        type="face",
        locate="enhanced",
        detector=dict(type="retinaface", weights="{weights_root}/Retinaface_mobilenet0.25.pth"),
        encoder=dict(type="mobilefacenet", weights="{weights_root}/mobilefacenet_casia_068.ckpt"),
    ),
)
