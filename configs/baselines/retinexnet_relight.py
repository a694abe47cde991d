"""RetinexNet (Wei et al., BMVC 2018), second training: the relighting (weights_root: work dir of the first)."""

_base_ = "_base_/rendered.py"

enhancer = dict(type="retinexnet", width=16, weights="{weights_root}/last.pth", trained="relighting")

losses = dict(
    reconstruction=dict(type="retinex_reconstruction", weight=1.0, reads=dict(low="normal", illumination="relit")),
    smoothness=dict(type="structure_smoothness", weight=0.1, reads=dict(illumination="relit")),
)
