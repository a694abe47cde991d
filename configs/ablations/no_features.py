"""Ablation: no L_feat, the losses that keep the picture's features: perceptual (5), colour (6) and smoothness (7)."""

_base_ = "../lowfacenet.py"

losses = dict(perceptual=dict(_delete_=True), color=dict(_delete_=True), smoothness=dict(_delete_=True))
