from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lowface_core.errors import LowfaceError
from lowface_face.gallery import BATCH, encode_gallery


def item(identity, size=8, value=None, **more):
    value = identity / 100 if value is None else value
    return {"normal": np.full((3, size, size), value, np.float32), "identity": identity, "key": f"p{identity}", **more}


class Run:
    """Encodes a picture as its mean; finds no face in black ones; keeps what it was given."""

    def __init__(self):
        self.calls = []

    def __call__(self, image, **names):
        self.calls.append((len(image), names))
        mean = image.mean((1, 2, 3))
        return SimpleNamespace(embedding=torch.stack([mean, 1 - mean], 1), found=mean > 0)


def test_order_survives_batches_of_one_size():
    identities = list(range(1, 2 * BATCH + 10))[::-1]
    run = Run()
    items = [item(i, size=8 if i % 3 else 12, landmarks=np.zeros((5, 2), np.float32)) for i in identities]
    gallery = encode_gallery(items, run, "Fake")
    assert gallery.identity.tolist() == identities
    torch.testing.assert_close(gallery.embedding[:, 0], torch.tensor(identities) / 100)
    assert max(count for count, _ in run.calls) == BATCH
    assert len(run.calls) == 3
    count, names = run.calls[0]
    assert names["landmarks"].shape == (count, 5, 2)
    assert names["normal"].shape[0] == len(names["key"]) == count
    assert "box" not in names


def test_pictures_without_a_face_are_named():
    items = [item(i, value=0.0 if i < 7 else 0.5) for i in range(10)]
    with pytest.raises(LowfaceError, match=r"Fake: no face found in 7 gallery pictures: p0, p1, p2, p3, p4 and 2 more"):
        encode_gallery(items, Run(), "Fake")


def test_empty_gallery_names_the_dataset():
    with pytest.raises(LowfaceError, match="PairedFolder: its gallery is empty"):
        encode_gallery([], Run(), "PairedFolder")
