import numpy as np
import pytest
import torch

from lowface_face.facenet_released import FaceNetInception, FaceNetMobileNet


@pytest.mark.parametrize(
    ("name", "factory"),
    [("facenet_mobilenet", FaceNetMobileNet), ("facenet_inception_resnetv1", FaceNetInception)],
)
def test_parity_with_the_released_code(shared, filled, name, factory):
    with np.load(shared / "oracle" / "frozen_networks.npz") as file:
        crops, want = torch.from_numpy(file["face_crops"]), file[name]
    head = factory(filled(f"{name}.pth"))
    with torch.no_grad():
        got = head(crops).numpy()
    assert np.abs(got - want).max() <= 1e-4 * np.abs(want).max()
    assert head.dim == got.shape[1]
