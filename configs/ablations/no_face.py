"""Ablation: no L_face, the identification loss of equation (10); the face head stays, for the metric rank1."""

_base_ = "../lowfacenet.py"

losses = dict(identity=dict(_delete_=True))
