"""The default recipe with ArcFace in place of the shipped encoder (needs weights_root: where its weights are)."""

_base_ = "lowfacenet"

# what `lowface pretrain …/arcface_rendered.py` wrote; published: dict(type="arcface", weights="ms1mv3_r18")
_encoder = dict(type="arcface", depth=18, width=16, dim=128, weights="{weights_root}/weights.safetensors")
heads = dict(face=dict(encoder=dict(_delete_=True, **_encoder)))
