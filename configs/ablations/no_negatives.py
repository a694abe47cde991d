"""Ablation: contrastive losses without their denominators, pulled to the positives and pushed from nothing."""

_base_ = "../lowfacenet.py"

losses = dict(feature_cr=dict(negatives=False), brightness_cr=dict(negatives=False))
