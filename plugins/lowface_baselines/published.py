"""Records of the weights that the authors of the baselines published."""

from __future__ import annotations

import lowface_core as lf

UNSTATED = "not stated"


def _published(repository: str, filename: str, sha256: str, size: int, licence: str = UNSTATED) -> lf.Weights:
    return lf.Weights(
        filename=filename, sha256=sha256, size=size, licence=licence, source=f"https://github.com/{repository}"
    )


ZERO_DCE = {
    "epoch99": _published(
        "Li-Chongyi/Zero-DCE",
        "Epoch99.pth",
        "a4395acb874f320375d9704997cef874eaaaaa26a1777ceb29a92b70f74c3612",
        320017,
        "academic use only; commercial use forbidden by its authors",
    )
}
ZERO_DCEPP = {
    "epoch99": _published(
        "Li-Chongyi/Zero-DCE_extension",
        "Epoch99.pth",
        "ca8855b90df9a80fa4195a831f33d3476b1964f787eb70602797c773067f3b84",
        52395,
        "academic use only; commercial use forbidden by its authors",
    )
}
SCL_LLE = {
    "released": _published(
        "LingLIx/SCL-LLE",
        "SCL-LLE.pth",
        "fc5aa74a6674bb747b325e5a06efbfea2973c10cc93cf25cd2b8f33a038e821f",
        319989,
    )
}
SCI = {
    name: _published("vis-opt-group/SCI", f"{name}.pt", sha256, 43967)
    for name, sha256 in {
        "easy": "b17326a26a93bf187ecbab217f9d3c57467a8b56020d4d9ff600ba257bbffb36",
        "medium": "4ff1e7e66e8f18114f790e5085ca4c936f0858e329e7ad1cb65b8aa09a9c6916",
        "difficult": "657fa1f280cae1035df0d5cbe628e91f2d0f28660df608a3fa3f7e9a71da5a13",
    }.items()
}
RUAS = {
    name: _published("KarelZhang/RUAS", f"{name}.pt", sha256, 31374)
    for name, sha256 in {
        "lol": "f45a881a9b836fff4a3172481f28c9eb4d91bc4df54ec064092f39ce40abcdcd",
        "upe": "2252d3d909e346b547232c7015f034685aac75181171c6caf90ee12d87ca36c1",
        "dark": "59083ec4dd4a2b7926c182a4add1519b9646a3aca6c39cfdb7d496fe885828e4",
    }.items()
}
RETINEXNET = {
    "decomposition": _published(
        "aasharma90/RetinexNet_PyTorch",
        "9200.tar",
        "40c090e3bb884e697f6b396fe7fddade67172b30b428daa316c68a0b9247d4b5",
        833535,
    ),
    "relighting": _published(
        "aasharma90/RetinexNet_PyTorch",
        "9200.tar",
        "513ae3a0bf503b9a6ecce1a46112135aefcfeb393cf61531e18cc3356701efde",
        1392856,
    ),
}
SSIENET = {
    "released": _published(
        "hitzhangyu/Self-supervised-Image-Enhancement-Network-Training-With-Low-Light-Images-Only",
        "ssienet_6000.npz",
        "2bdd98d73db905d04bd03fb8f439620e530a13788740afae7097e281f2b1982c",
        1802794,
    )
}
