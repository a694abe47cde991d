"""Metrics of enhancement and recognition: against a reference, without one, of whole sets, and rank-1 accuracy."""

from __future__ import annotations

import lowface_core as lf

LPIPS = {
    "alex": lf.Weights(
        url="https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
        sha256="7be5be79",
        licence="BSD-3-Clause (code; trained on ImageNet)",
        source="torchvision, AlexNet_Weights.IMAGENET1K_V1",
        arguments={"variant": "alex"},
    ),
    "vgg": lf.Weights(
        url="https://download.pytorch.org/models/vgg16-397923af.pth",
        sha256="397923af",
        licence="BSD-3-Clause (code; trained on ImageNet)",
        source="torchvision, VGG16_Weights.IMAGENET1K_V1",
        arguments={"variant": "vgg"},
    ),
    **{
        f"{net}-linear": lf.Weights(
            package="lpips",
            file=f"weights/v0.1/{net}.pth",
            sha256=sha256,
            licence="BSD-2-Clause",
            source='inside the installed lpips (pip install "lowface[metrics]"); always used, no weights= to write',
        )
        for net, sha256 in {
            "alex": "df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0",
            "vgg": "a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868",
        }.items()
    },
}

INCEPTION = {
    "inception": lf.Weights(
        url="https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
        "weights-inception-2015-12-05-6726825d.pth",
        sha256="6726825d",
        licence="Apache-2.0 (trained on ImageNet)",
        source="torch-fidelity, converted from TensorFlow's inception-2015-12-05",
    )
}

UNIQUE = {
    "released": lf.Weights(
        filename="unique.pt",
        licence="none stated",
        source="https://drive.google.com/file/d/18oPH4lALm8mSdZh3fWK97MVq9w3BbEua (zwx8981/UNIQUE)",
    )
}

NIQE = {
    "live2013": lf.Weights(
        url="https://raw.githubusercontent.com/XPixelGroup/BasicSR/"
        "cf1e32cdfc9710041ed497e9f5c155ceb7567c8f/basicsr/metrics/niqe_pris_params.npz",
        licence="as NIQE's release: free use with the notice of LIVE, University of Texas at Austin",
        source="the authors' pristine model (niqe_release.zip, modelparameters.mat) as BasicSR stores it",
    )
}


@lf.hookimpl
def register_metrics(register: lf.Register) -> None:
    """Against the reference, without one, of whole sets; docs/metrics.md says when to trust which."""
    wang = "Wang et al., IEEE TIP 13 (2004)"
    register(
        "psnr",
        "lowface_metrics.psnr:PSNR",
        better="higher",
        source="code released with Fan et al., IEEE TIM 73 (2024); y: ITU-R BT.601; gt_mean: Zhang et al., ACM MM 2019",
    )
    register("ssim", "lowface_metrics.ssim:SSIM", better="higher", source=wang)
    register("rank1", "lowface_metrics.rank1:Rank1", better="higher", source="Fan et al., IEEE TIM 73 (2024)")
    register("brightness", "lowface_metrics.brightness:Brightness", better="higher", source="ITU-R BT.601")
    register("brightness_error", "lowface_metrics.brightness:BrightnessError", better="lower", source="ITU-R BT.601")
    register("loe", "lowface_metrics.loe:LOE", better="lower", source="Wang et al., IEEE TIP 22 (2013)")
    register(
        "niqe",
        "lowface_metrics.niqe:NIQE",
        better="lower",
        source="Mittal et al., IEEE SPL 20 (2013)",
        weights=NIQE,
    )
    register(
        "lpips",
        "lowface_metrics.lpips:LPIPS",
        better="lower",
        source="Zhang et al., CVPR 2018, version 0.1",
        weights=LPIPS,
        network="lowface_metrics.lpips_network:Trunk",  # VGG-16 is known already, as the head of that name
    )
    register(
        "unique",
        "lowface_metrics.unique:Unique",
        better="higher",
        source="Zhang et al., IEEE TIP 30 (2021)",
        weights=UNIQUE,
        network="lowface_metrics.unique_network:UniqueNetwork",
    )
    register(
        "fid",
        "lowface_metrics.fid:FID",
        better="lower",
        source="Heusel et al., NeurIPS 2017; clean: Parmar et al., CVPR 2022",
        weights=INCEPTION,
        network="lowface_metrics.inception:bare_inception",
    )
    register(
        "fid_features",
        "lowface_metrics.fid_features:FIDFeatures",
        better="lower",
        source="Heusel et al., NeurIPS 2017, in other features",
        parts={"features": "head"},
    )
