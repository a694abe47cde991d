"""Records of the weights that the authors of the baselines published."""

from __future__ import annotations

import lowface_core as lf

#: Neither the repository nor the files state a licence.
UNSTATED = "not stated"
RAW = "https://raw.githubusercontent.com"


def _published(path: str, sha256: str, size: int, licence: str = UNSTATED) -> lf.Weights:
    """Weights in a public repository, by owner/name/commit/path there."""
    owner, name, _ = path.split("/", 2)
    return lf.Weights(url=f"{RAW}/{path}", sha256=sha256, size=size, licence=licence, source=f"{owner}/{name}")


ZERO_DCE = {
    "epoch99": _published(
        "Li-Chongyi/Zero-DCE/43f9da935d55758d93b54a47ce5872c96b342668/Zero-DCE_code/snapshots/Epoch99.pth",
        "a4395acb874f320375d9704997cef874eaaaaa26a1777ceb29a92b70f74c3612",
        320017,
        "CC BY-NC 4.0; for academic research only",
    )
}
ZERO_DCEPP = {
    "epoch99": _published(
        "Li-Chongyi/Zero-DCE_extension/99ab5265054f685c874da58033ece00579514425/"
        "Zero-DCE%2B%2B/snapshots_Zero_DCE%2B%2B/Epoch99.pth",
        "ca8855b90df9a80fa4195a831f33d3476b1964f787eb70602797c773067f3b84",
        52395,
        "its authors state MIT and academic research only, in one paragraph",
    )
}
SCL_LLE = {
    "released": _published(
        "LingLIx/SCL-LLE/279567e54a83a5ad0e6239d59dcb83e706270058/checkpoints/SCL-LLE.pth",
        "fc5aa74a6674bb747b325e5a06efbfea2973c10cc93cf25cd2b8f33a038e821f",
        319989,
    )
}
SCI = {
    name: lf.Weights(
        filename=f"{name}.pt",
        sha256=sha256,
        size=43967,
        licence=UNSTATED,
        source="https://github.com/vis-opt-group/SCI",
    )
    for name, sha256 in {
        "easy": "b17326a26a93bf187ecbab217f9d3c57467a8b56020d4d9ff600ba257bbffb36",
        "medium": "4ff1e7e66e8f18114f790e5085ca4c936f0858e329e7ad1cb65b8aa09a9c6916",
        "difficult": "657fa1f280cae1035df0d5cbe628e91f2d0f28660df608a3fa3f7e9a71da5a13",
    }.items()
}
RUAS = {
    name: _published(f"KarelZhang/RUAS/82cb37b368a4346be649268130f10dcbc7addc0e/ckpt/{name}.pt", sha256, 31374)
    for name, sha256 in {
        "lol": "f45a881a9b836fff4a3172481f28c9eb4d91bc4df54ec064092f39ce40abcdcd",
        "upe": "2252d3d909e346b547232c7015f034685aac75181171c6caf90ee12d87ca36c1",
        "dark": "59083ec4dd4a2b7926c182a4add1519b9646a3aca6c39cfdb7d496fe885828e4",
    }.items()
}
_RETINEXNET = "aasharma90/RetinexNet_PyTorch/d03dabc249166db4896c54aa2ea906f862959a8e/ckpts"
RETINEXNET = {
    "decomposition": _published(
        f"{_RETINEXNET}/Decom/9200.tar", "40c090e3bb884e697f6b396fe7fddade67172b30b428daa316c68a0b9247d4b5", 833535
    ),
    "relighting": _published(
        f"{_RETINEXNET}/Relight/9200.tar", "513ae3a0bf503b9a6ecce1a46112135aefcfeb393cf61531e18cc3356701efde", 1392856
    ),
}
SSIENET = {
    "released": lf.Weights(
        filename="ssienet_6000.npz",
        sha256="2bdd98d73db905d04bd03fb8f439620e530a13788740afae7097e281f2b1982c",
        size=1802794,
        licence=UNSTATED,
        source="https://github.com/hitzhangyu/Self-supervised-Image-Enhancement-Network-Training-With-Low-Light-Images-Only"
        " (checkpoint/Decom/RetinexNet-Decom-6000, its variables saved as .npz)",
    )
}
