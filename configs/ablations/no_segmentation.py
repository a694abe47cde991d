"""Ablation: no L_seg, the semantic brightness loss of equation (9), and no parser to find its regions."""

_base_ = "../lowfacenet.py"

heads = dict(parser=dict(_delete_=True))
losses = dict(semantic=dict(_delete_=True))
