"""Ablation: no L_cont, the contrastive losses of equations (2) and (3)."""

_base_ = "../lowfacenet.py"

losses = dict(feature_cr=dict(_delete_=True), brightness_cr=dict(_delete_=True))
