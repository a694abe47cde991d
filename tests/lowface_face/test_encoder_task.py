import numpy as np
import pytest
import torch

from lowface_core.data.dataset import Dataset
from lowface_core.errors import ConfigError
from lowface_face.encoder_task import EncoderTask
from lowface_face.face_encoder import FaceEncoder


class Patterns(Dataset):
    """Each identity is a fixed smooth random pattern; its pictures differ in brightness and noise."""

    names = ("normal", "low", "landmarks", "identity", "key")

    def __init__(self, people=8, each=3, size=64, seed=0):
        self.identities = [f"person {index}" for index in range(people)]
        self.each = each
        coarse = torch.rand(people, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
        self.patterns = torch.nn.functional.interpolate(coarse, size=(size, size), mode="bilinear").numpy()

    def __len__(self):
        return len(self.identities) * self.each

    def item(self, index, rng):
        identity = index // self.each
        normal = self.patterns[identity] * rng.uniform(0.8, 1) + rng.normal(0, 0.02, self.patterns[identity].shape)
        normal = normal.clip(0, 1).astype(np.float32)
        points = np.array([[22, 26], [42, 26], [32, 37], [24, 47], [40, 47]], np.float32)
        return {"normal": normal, "low": normal * 0.3, "landmarks": points, "identity": identity, "key": str(index)}

    def gallery(self):
        for identity in range(len(self.identities)):
            yield self.item(identity * self.each, np.random.default_rng(0)) | {"identity": identity}


class Unmarked(Patterns):
    """The same without landmarks; some pictures are black, so that the stand-in detector finds no face."""

    names = ("normal", "low", "identity", "key")

    def item(self, index, rng):
        item = super().item(index, rng)
        del item["landmarks"]
        if index % 5 == 4 and index % self.each == 1:  # never the gallery's
            item["normal"] = np.zeros_like(item["normal"])
        return item


def batch_of(dataset, indices):
    items = [dataset[index] for index in indices]
    stack = {name: torch.stack([torch.as_tensor(item[name]) for item in items]) for name in ("normal", "landmarks")}
    return stack | {"identity": torch.tensor([item["identity"] for item in items])}


def test_a_short_training_learns_and_saves(tmp_path):
    torch.manual_seed(0)
    dataset = Patterns()
    task = EncoderTask({"type": "face_encoder", "dim": 32}, dataset)
    optimiser = torch.optim.Adam(task.parameters(), lr=2e-3)
    batch = batch_of(dataset, range(0, 24, 3))
    losses = []
    for _ in range(12):
        loss = sum(task.loss(batch).values())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert np.mean(losses[-3:]) < 0.7 * np.mean(losses[:3])
    torch.save(task.state(), tmp_path / "encoder.pth")
    crop = torch.rand(2, 3, 64, 64)
    head = FaceEncoder(tmp_path / "encoder.pth", dim=32)
    task.network.eval()
    with torch.no_grad():
        want = torch.nn.functional.normalize(task.network(crop * 2 - 1), dim=1)
        torch.testing.assert_close(head(crop), want)


def test_evaluate_on_unseen_identities():
    torch.manual_seed(0)
    task = EncoderTask({}, Patterns())
    with torch.no_grad():  # batch norm needs to have seen something
        for _ in range(3):
            task.loss(batch_of(Patterns(), range(0, 24, 2)))
    unseen = Patterns(people=10, each=2, seed=5)
    numbers = task.eval().evaluate(unseen, "cpu", 8)
    assert set(numbers) == {"rank1", "rank1_low", "verification"}
    assert numbers["rank1"] > 0.5  # chance is 0.1; patterns differ enough for random filters
    assert 0.5 <= numbers["verification"] <= 1


def test_augmentation_stays_a_picture_and_darkens():
    torch.manual_seed(0)
    dataset = Patterns()
    task = EncoderTask({}, dataset)
    batch = batch_of(dataset, range(24))
    crop = task.augment(batch["normal"], batch["landmarks"])
    assert crop.shape == (24, 3, 64, 64)
    assert 0 <= crop.min() <= crop.max() <= 1
    ratio = crop.mean((1, 2, 3)) / batch["normal"].mean((1, 2, 3))
    assert ratio.min() < 0.6
    assert ratio.max() < 1.3


def test_datasets_that_cannot_train_it():
    class Unnamed(Patterns):
        names = ("normal", "key")

    with pytest.raises(ConfigError, match="Unnamed, which lacks identity"):
        EncoderTask({}, Unnamed())
    with pytest.raises(ConfigError, match=r"Unmarked has no landmarks .*detector=dict"):
        EncoderTask({}, Unmarked())
    with pytest.raises(ConfigError, match=r"task.detector.type: .*did you mean 'mtcnn'"):
        EncoderTask({}, Unmarked(), detector={"type": "mtcn"})
    empty = Patterns()
    empty.identities = []
    with pytest.raises(ConfigError, match="lacks identities"):
        EncoderTask({}, empty)


def test_landmarks_by_a_detector_once_per_picture(bright_detector):
    torch.manual_seed(0)
    dataset = Unmarked()
    task = EncoderTask({"dim": 16}, dataset, detector=bright_detector)
    items = [dataset[index] for index in range(6)]
    batch = {
        "normal": torch.stack([torch.as_tensor(item["normal"]) for item in items]),
        "identity": torch.tensor([item["identity"] for item in items]),
        "key": [item["key"] for item in items],
    }
    task.loss(batch)["identity"].backward()
    assert task.network.trunk[0].weight.grad.abs().sum() > 0
    task.loss(batch)
    assert bright_detector.seen == 6  # the second time all places are known
    assert not any("detector" in name for name, _ in [*task.named_parameters(), *task.named_buffers()])
    assert set(task.state()) == set(task.network.state_dict())
    dark = {**batch, "normal": torch.zeros_like(batch["normal"])}
    assert float(task.loss(dark)["identity"].detach()) == 0


def test_evaluation_with_a_detector(bright_detector):
    torch.manual_seed(0)
    task = EncoderTask({}, Patterns(), detector=bright_detector)
    with torch.no_grad():
        for _ in range(3):
            task.loss(batch_of(Patterns(), range(0, 24, 2)))
    unseen = Unmarked(people=10, each=2, seed=5)
    numbers = task.eval().evaluate(unseen, "cpu", 8)
    assert set(numbers) == {"rank1", "rank1_low", "verification", "undetected"}
    assert numbers["undetected"] == pytest.approx(2 / 10)
    assert 0.2 < numbers["rank1"] < 0.81  # what is not found is wrong
    marked = task.eval().evaluate(Patterns(people=10, each=2, seed=5), "cpu", 8)
    assert marked["undetected"] == 0
    assert marked["rank1"] >= numbers["rank1"]


def test_a_gallery_picture_is_no_probe_of_itself():
    torch.manual_seed(0)
    alone = Patterns(people=6, each=1)
    numbers = EncoderTask({}, Patterns()).eval().evaluate(alone, "cpu", 8)
    assert set(numbers) == {"rank1_low"}  # only the low-light pictures say something
