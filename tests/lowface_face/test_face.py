import pytest
import torch

from lowface_core.errors import ConfigError, LowfaceError
from lowface_face.face import Face
from lowface_face.gallery import Gallery


@pytest.fixture
def images():
    return torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.2


class FakeDataset:
    def __init__(self, images):
        self.images = images

    def gallery(self):
        for index, picture in enumerate(self.images):
            yield {"normal": picture.numpy(), "identity": index + 10, "key": f"k{index}"}


def run_of(face):
    def run(image, **names):
        with torch.no_grad():
            return face(image, **names)

    return run


def test_recognises_its_own_gallery(encoder, bright_detector, images):
    face = Face(encoder, bright_detector)
    gallery = face.prepare_for(FakeDataset(images), run_of(face))
    match = face(images, prepared=gallery)
    assert match.found.all()
    assert match.gallery_identity.tolist() == [10, 11, 12]
    torch.testing.assert_close(match.similarity.diagonal(), torch.ones(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(match.embedding.norm(dim=1), torch.ones(3))


def test_without_gallery_there_is_no_similarity(encoder, bright_detector, images):
    match = Face(encoder, bright_detector)(images)
    assert match.similarity is None
    assert match.gallery_identity is None


def test_undetected_pictures(encoder, bright_detector, images):
    images[1] = 0.0
    images.requires_grad_()
    gallery = Gallery(torch.nn.functional.normalize(torch.rand(4, 128), dim=1), torch.arange(4))
    match = Face(encoder, bright_detector)(images, prepared=gallery)
    assert match.found.tolist() == [True, False, True]
    assert match.embedding[1].abs().max() == 0
    assert match.similarity[1].abs().max() == 0
    assert match.landmarks[1].abs().max() == 0
    torch.testing.assert_close(match.embedding[[0, 2]].norm(dim=1), torch.ones(2))
    match.similarity.sum().backward()
    assert images.grad[1].abs().max() == 0
    assert images.grad[0].abs().max() > 0
    assert images.grad.isfinite().all()


def test_no_face_at_all(encoder, bright_detector):
    match = Face(encoder, bright_detector)(torch.zeros(2, 3, 64, 64))
    assert not match.found.any()
    assert match.embedding.shape == (2, 128)


def test_normal_is_searched_once(encoder, bright_detector, images):
    face = Face(encoder, bright_detector, locate="normal")
    dark = torch.zeros_like(images)
    for _ in range(2):
        assert face(dark, normal=images, key=["a", "b", "c"]).found.all()
    assert bright_detector.seen == 3
    face(dark[:2], normal=torch.stack([images[0].flip(-1), images[1]]), key=["a", "b"])
    assert bright_detector.seen == 4  # only the mirrored picture is new


def test_normal_remembers_that_there_is_no_face(encoder, bright_detector, images):
    face = Face(encoder, bright_detector, locate="normal")
    for _ in range(2):
        assert not face(images, normal=torch.zeros_like(images), key=["a", "b", "c"]).found.any()
    assert bright_detector.seen == 3


def test_labels_need_no_detector(encoder, bright_detector, images, points):
    landmarks = points.expand(3, 5, 2)
    match = Face(encoder, locate="labels")(images, landmarks=landmarks)
    assert match.found.all()
    torch.testing.assert_close(match.embedding, Face(encoder, bright_detector)(images).embedding)


def test_mirrored_crops_count_as_much_as_the_others(encoder, bright_detector, images):
    face = Face(encoder, bright_detector, mirror=True)
    once = Face(encoder, bright_detector)
    crops: list[torch.Tensor] = []
    handle = encoder.register_forward_pre_hook(lambda _, given: crops.append(given[0]))
    embedding = face(images).embedding
    handle.remove()
    torch.testing.assert_close(crops[1], crops[0].flip(-1))
    total = encoder(crops[0]) + encoder(crops[1])
    torch.testing.assert_close(embedding, total / total.norm(dim=1, keepdim=True))
    assert (embedding - once(images).embedding).abs().max() > 1e-3


@pytest.mark.parametrize("align", ["box", "eyes"])
def test_other_alignments(encoder, bright_detector, images, align):
    images.requires_grad_()
    Face(encoder, bright_detector, align=align)(images).embedding[:, 0].sum().backward()
    assert images.grad.abs().sum() > 0


def test_real_face_gets_a_gradient(encoder, detector, pictures, faces):
    image = pictures[2].clone().requires_grad_()
    match = Face(encoder, detector)(image)
    match.embedding[0, 0].backward()
    x1, y1, x2, y2 = faces["detections2"][0, :4].astype(int)
    inside = image.grad[0, :, y1 + 10 : y2 - 20, x1 + 15 : x2 - 15].abs().sum(0) > 0
    assert inside.float().mean() > 0.95
    assert image.grad[0, :, :, :20].abs().sum() == 0


def test_largest_of_several_faces(encoder, detector, pictures, faces):
    match = Face(encoder, detector)(pictures[3])
    assert (match.landmarks[0, 2] - torch.from_numpy(faces["detections3"][0, 9:11])).abs().max() < 10


def test_gallery_picture_without_a_face(encoder, bright_detector, images):
    images[2] = 0.0
    face = Face(encoder, bright_detector)
    with pytest.raises(LowfaceError, match="FakeDataset: no face found in 1 gallery picture: k2"):
        face.prepare_for(FakeDataset(images), run_of(face))


def test_mistakes(encoder, bright_detector, images, points):
    with pytest.raises(ConfigError, match="locate='enhanced' needs detector"):
        Face(encoder)
    with pytest.raises(ConfigError, match="such as mobilefacenet; Linear has no crop_size"):
        Face(torch.nn.Linear(1, 1), bright_detector)
    with pytest.raises(ConfigError, match="locate='labels' reads landmarks"):
        Face(encoder, locate="labels")(images)
    with pytest.raises(ConfigError, match="locate='normal' reads normal"):
        Face(encoder, bright_detector, locate="normal")(images)
    with pytest.raises(ConfigError, match="align='box' reads box"):
        Face(encoder, locate="labels", align="box")(images, landmarks=points.expand(3, 5, 2))
