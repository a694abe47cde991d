"""ArcFace recognisers for lowface: a face encoder with weights records and a pretraining task of its own."""

from __future__ import annotations

import lowface_core as lf

ZOO = "https://github.com/deepinsight/insightface/tree/master/recognition/arcface_torch#model-zoo"
RESEARCH = "non-commercial research only, as insightface says of its models; code MIT"

#: The publisher has folders for browsers and no address that a program could fetch, hence ``filename``: people fetch
#: the file and say `lowface weights add arcface/ms1mv3_r18 backbone.pth`. With an address, ``url="https://…"`` takes
#: its place. No SHA-256 is stated there, so none stands here: lowface notes that of the file it gets.
WEIGHTS = {
    "ms1mv3_r18": lf.Weights(
        filename="backbone.pth",
        licence=RESEARCH,
        source=f"{ZOO} (folder ms1mv3_arcface_r18_fp16)",
        arguments={"depth": 18},
    ),
    "ms1mv3_r50": lf.Weights(
        filename="backbone.pth",
        licence=RESEARCH,
        source=f"{ZOO} (folder ms1mv3_arcface_r50_fp16)",
        arguments={"depth": 50},
    ),
    "ms1mv3_r100": lf.Weights(
        filename="backbone.pth",
        licence=RESEARCH,
        source=f"{ZOO} (folder ms1mv3_arcface_r100_fp16)",
        arguments={"depth": 100},
    ),
}


@lf.hookimpl
def register_heads(register: lf.Register) -> None:
    """One head; its weights, its untrained network (which lets errors name it), and how it is trained."""
    register(
        "arcface",
        "lowface_arcface.arcface:ArcFace",
        weights=WEIGHTS,
        network="lowface_arcface.iresnet:IResNet",
        variants=[{"depth": depth} for depth in (18, 34, 50, 100)],
        pretrain="lowface_arcface.arcface_task:ArcFaceTask",
    )
