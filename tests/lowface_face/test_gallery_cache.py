import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from lowface_face.encoder import Encoder
from lowface_face.face import Face
from lowface_face.gallery_cache import GalleryCache, picture_key, settings_key


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LOWFACE_HOME", str(tmp_path))
    return tmp_path


class Counting(Encoder):
    """Encodes with one random matrix; the class counts the crops it saw."""

    crop_size = (16, 16)
    dim = 4

    total = 0

    def __init__(self, seed=0):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.matrix = torch.nn.Parameter(torch.randn(3 * 16 * 16, 4, generator=generator), requires_grad=False)

    def embed(self, crop):
        Counting.total += len(crop)
        return crop.flatten(1) @ self.matrix


class People:
    def __init__(self, count=5, seed=0):
        self.images = np.random.default_rng(seed).uniform(0.2, 0.9, (count, 3, 64, 64)).astype(np.float32)

    def gallery(self):
        for index, image in enumerate(self.images):
            yield {"normal": image, "identity": index, "key": str(index)}

    def fingerprint(self):
        return "people"


@pytest.fixture
def encoded(bright_detector):
    """How many crops the encoder saw while a fresh head prepared itself, and its gallery."""

    def encode(people, seed=0, confidence=0.5, **arguments):
        detector = type(bright_detector)()
        detector.confidence = confidence
        count, gallery = prepare(people, Face(Counting(seed), detector, **arguments))
        assert detector.seen == count
        return count, gallery

    return encode


def prepare(people, face):
    Counting.total = 0

    def run(image, **names):
        with torch.no_grad():
            return face(image, **names)

    gallery = face.prepare_for(people, run)
    return Counting.total, gallery


def test_a_second_run_encodes_nothing(encoded):
    first, gallery = encoded(People())
    second, again = encoded(People())
    assert (first, second) == (5, 0)
    assert torch.equal(gallery.embedding, again.embedding)
    assert torch.equal(gallery.identity, again.identity)


def test_only_the_changed_picture_is_encoded_again(encoded, home):
    _, before = encoded(People())
    people = People()
    people.images[3] = people.images[3][:, ::-1]
    count, after = encoded(people)
    assert count == 1
    assert (before.embedding != after.embedding).any(1).tolist() == [False, False, False, True, False]
    assert encoded(people)[0] == 0
    assert len(list(home.rglob("*.safetensors"))) == 1


def test_other_weights_or_settings_are_another_gallery(encoded):
    encoded(People())
    assert encoded(People(), seed=1)[0] == 5
    assert encoded(People(), align="box")[0] == 5
    assert encoded(People(), confidence=0.9)[0] == 5
    assert encoded(People())[0] == 0


def test_it_can_be_switched_off(encoded, home):
    for _ in range(2):
        assert encoded(People(), cache=False)[0] == 5
    assert not list(home.rglob("*.safetensors"))


def test_a_broken_or_forbidden_cache_only_costs_time(encoded, home, monkeypatch, caplog):
    _, gallery = encoded(People())
    (file,) = home.rglob("*.safetensors")
    file.write_bytes(b"broken")
    count, again = encoded(People())
    assert count == 5
    assert "cannot be read" in caplog.text
    assert torch.equal(gallery.embedding, again.embedding)
    assert encoded(People())[0] == 0
    (home / "a_file").write_text("")
    monkeypatch.setenv("LOWFACE_HOME", str(home / "a_file"))
    assert encoded(People())[0] == 5
    assert "cannot be written" in caplog.text


def test_rows_leave_with_their_pictures():
    one, other = torch.tensor([1.0, 0.0]), torch.tensor([0.6, 0.8])
    cache = GalleryCache("settings", "data", 2)
    cache.keep({"a": one, "b": other})
    cache.keep({"b": other})
    again = GalleryCache("settings", "data", 2)
    assert again.get("a") is None
    assert torch.equal(again.get("b"), other)
    assert GalleryCache("settings", "other data", 2).get("b") is None


DAMAGED = {
    "of another length": torch.ones(9) / 3,
    "of another type": torch.tensor([1.0, 0, 0, 0]).double(),
    "not a number": torch.full((4,), torch.nan),
    "not of unit length": torch.ones(4),
    "of two dimensions": torch.ones(1, 4) / 2,
}


@pytest.mark.parametrize("row", DAMAGED.values(), ids=DAMAGED)
def test_a_row_that_is_no_embedding_is_encoded_again(encoded, home, caplog, row):
    _, gallery = encoded(People())
    (file,) = home.rglob("*.safetensors")
    rows = load_file(file)
    rows[list(rows)[2]] = row
    save_file(rows, file)
    count, again = encoded(People())
    assert count == 1
    assert "1 of 5 rows are damaged and encoded again" in caplog.text
    assert torch.allclose(gallery.embedding, again.embedding, atol=1e-5)  # another batch, other last bits
    assert encoded(People())[0] == 0


def test_keys_tell_pictures_and_networks_apart():
    image = np.zeros((3, 4, 6), np.float32)
    assert picture_key({"normal": image}) == picture_key({"normal": torch.zeros(3, 4, 6), "key": "ignored"})
    assert picture_key({"normal": image}) != picture_key({"normal": image.reshape(3, 6, 4)})
    assert picture_key({"normal": image}) != picture_key({"normal": image, "box": np.zeros(4, np.float32)})
    layers = [torch.nn.Linear(2, 2) for _ in range(2)]
    assert settings_key(layers[:1]) == settings_key(layers[:1])
    assert settings_key(layers[:1]) != settings_key(layers[1:])
    assert settings_key([None]) != settings_key([])
    relu = [torch.nn.LeakyReLU(slope) for slope in (0.1, 0.2)]
    assert settings_key(relu[:1]) != settings_key(relu[1:])
