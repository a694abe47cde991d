"""The rows of the paper's Table IV on rendered faces: the default recipe and its ablations, trained before."""

# First: for c in lowfacenet ablations/no_negatives ablations/no_contrast ablations/no_features \
#             ablations/no_segmentation ablations/no_face; do lowface train $c; done
methods = {
    name: dict(checkpoint="{runs_root}/" + name)
    for name in ("lowfacenet", "no_negatives", "no_contrast", "no_features", "no_segmentation", "no_face")
}
datasets = dict(
    rendered=dict(
        dataset=dict(
            type="rendered_faces",
            size=96,
            first_identity=50_000,
            identities=50,
            pictures=2,
            degradation=dict(type="linear", low=0.10, high=0.35),
        ),
        metrics=dict(psnr=dict(type="psnr"), ssim=dict(type="ssim"), rank1=dict(type="rank1")),
        heads=dict(face=dict(type="face", locate="labels", encoder=dict(type="face_encoder", weights="embedded"))),
    ),
)
reference = "lowfacenet"
