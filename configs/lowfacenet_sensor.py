"""Low-FaceNet on real faces darkened as a camera does it, with shot and read noise (needs data_root, weights_root)."""

_base_ = "./lowfacenet_celeba.py"

train_dataset = dict(degradation=dict(_delete_=True, type="sensor", exposure=(0.03, 0.15)))
test_dataset = dict(degradation=dict(_delete_=True, type="sensor", exposure=(0.04, 0.10)))
