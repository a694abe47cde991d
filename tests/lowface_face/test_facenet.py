import numpy as np
import pytest
import torch
from facenet_pytorch import InceptionResnetV1

from lowface_face.facenet import FaceNet, FaceNetInception, FaceNetMobileNet


def test_equals_the_library_and_drops_its_classifier(tmp_path):
    torch.manual_seed(0)
    library = InceptionResnetV1().eval()
    state = library.state_dict() | {"logits.weight": torch.zeros(10, 512), "logits.bias": torch.zeros(10)}
    torch.save(state, tmp_path / "facenet.pt")
    head = FaceNet(tmp_path / "facenet.pt")
    crop = torch.rand(1, 3, 160, 160)
    with torch.no_grad():
        torch.testing.assert_close(head(crop), library(crop * 2 - 1), atol=1e-5, rtol=0)
    assert head.template.shape == (5, 2)


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
