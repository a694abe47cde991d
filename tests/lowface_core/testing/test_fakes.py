"""The fake heads: fixed, smooth, and called as the real ones are."""

from __future__ import annotations

import torch

from lowface_core.step.head_bank import HeadBank
from lowface_core.testing import FakeFace, FakeFeatures, FakeParser, fake_heads, tiny_batch, tiny_dataset


def test_features_climb_a_ladder_of_any_names() -> None:
    image = tiny_batch()["normal"]
    assert FakeFeatures()(image, "relu3_3").shape == (4, 8, 8, 8)
    assert FakeFeatures(("stage_1", "stage_2"))(image, "stage_2").shape == (4, 8, 32, 32)


def test_the_parser_sees_more_than_one_class() -> None:
    labels = FakeParser()(tiny_batch()["normal"]).argmax(1)
    assert labels.shape == (4, 32, 32)
    assert len(labels.unique()) > 2


def test_the_face_recognises_everyone_in_normal_light() -> None:
    bank = HeadBank(fake_heads()).prepared_for(tiny_dataset(8))
    pictures = torch.stack([torch.from_numpy(item["normal"]) for item in tiny_dataset(8).gallery()])
    match = bank.bind({})["face"](pictures)
    torch.testing.assert_close(match.embedding.norm(dim=1), torch.ones(8))
    assert match.gallery_identity.tolist() == list(range(8))
    assert match.found.all()
    assert match.similarity.argmax(1).tolist() == list(range(8))


def test_faces_can_be_lost() -> None:
    match = FakeFace(lost=1)(tiny_batch()["normal"])
    assert match.found.tolist() == [True, True, True, False]
    assert float(match.embedding[3].abs().sum()) == 0
    assert match.similarity is None


def test_they_are_the_same_every_time() -> None:
    for first, second in zip(fake_heads().values(), fake_heads().values(), strict=True):
        for one, two in zip(first.parameters(), second.parameters(), strict=True):
            assert torch.equal(one, two)
