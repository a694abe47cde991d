import pytest
import torch

from lowface_face.align import align_similarity
from lowface_face.mobilefacenet import MobileFaceNet


@pytest.fixture(scope="module")
def mobilefacenet(weights):
    return MobileFaceNet(weights / "mobilefacenet_casia_068.ckpt").requires_grad_(False)


def test_same_person_is_nearer_than_another(mobilefacenet, detector, shared):
    import cv2

    folders = sorted((shared / "data" / "lfw-faces").iterdir())[:6]
    files = [file for folder in folders for file in sorted(folder.iterdir())[:2]]
    arrays = [cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB) for file in files]
    images = torch.stack([torch.from_numpy(array).permute(2, 0, 1) / 255.0 for array in arrays])
    places = torch.stack([found.landmarks[found.largest()] for found in detector(images)])
    rows = mobilefacenet(align_similarity(images, places, mobilefacenet.template, mobilefacenet.crop_size))
    torch.testing.assert_close(rows.norm(dim=1), torch.ones(12))
    similarity = rows[0::2] @ rows[1::2].T
    assert similarity.argmax(1).tolist() == [0, 1, 2, 3, 4, 5]
    others = similarity[~torch.eye(6, dtype=torch.bool)]
    assert similarity.diagonal().min() > others.mean() + 0.2
