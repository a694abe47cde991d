"""Ablation of dehaze.py: the classifier judges at the end, but trains nothing."""

_base_ = "dehaze.py"

losses = dict(classification=dict(_delete_=True))
