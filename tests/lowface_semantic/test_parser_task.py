"""Pretraining: learns, evaluates over the whole set, ships what the head loads."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from lowface_core.data.dataset import Dataset
from lowface_core.errors import ConfigError, DataError
from lowface_semantic.classes import LAPA_CLASSES
from lowface_semantic.deeplabv3plus import DeepLabV3Plus
from lowface_semantic.parser_task import ParserTask

HEAD = {"type": "deeplabv3plus", "backbone": "small"}


class Discs(Dataset):
    """A skin-coloured disc with a dark nose on blue ground; unlabelled left column."""

    names = ("normal", "labels", "key")

    def __init__(self, length=6, size=48):
        self.length, self.size = length, size

    def __len__(self):
        return self.length

    def item(self, index, rng):
        y, x = np.mgrid[: self.size, : self.size] / self.size - rng.uniform(0.4, 0.6, (2, 1, 1))
        labels = np.where(np.hypot(x, y) < 0.12, 6, np.where(np.hypot(x, y) < 0.35, 1, 0))
        colours = np.array([[0.1, 0.2, 0.7]] + 5 * [[0.8, 0.6, 0.5]] + [[0.3, 0.1, 0.1]], dtype=np.float32)
        normal = colours[labels].transpose(2, 0, 1)
        labels[:, 0] = 255
        return {"normal": np.ascontiguousarray(normal), "labels": labels.astype(np.int64), "key": str(index)}


def batch(dataset, size=4):
    items = [dataset[k] for k in range(size)]
    return {name: torch.from_numpy(np.stack([item[name] for item in items])) for name in ("normal", "labels")}


def test_learns_and_round_trips_through_the_head(tmp_path):
    torch.manual_seed(0)
    dataset = Discs()
    task = ParserTask(HEAD, dataset)
    before = task.eval().evaluate(dataset, "cpu", batch_size=4)["miou"]
    task.train()
    optimizer = torch.optim.AdamW(task.parameters(), lr=2e-3)
    history = []
    for _ in range(35):
        terms = task.loss(batch(dataset))
        optimizer.zero_grad()
        sum(terms.values()).backward()
        optimizer.step()
        history.append(float(terms["loss_ce"].detach()))
    assert np.mean(history[-5:]) < 0.5 * np.mean(history[:3])
    result = task.eval().evaluate(dataset, "cpu", batch_size=4)
    assert result["miou"] > before + 0.2
    assert set(result["iou"]) <= set(LAPA_CLASSES)
    assert {"background", "skin", "nose"} <= set(result["iou"])
    json.dumps(result)

    save_file(task.state(), tmp_path / "parser.safetensors")
    head = DeepLabV3Plus(tmp_path / "parser.safetensors", backbone="small").eval()
    image = batch(dataset)["normal"]
    with torch.no_grad():
        torch.testing.assert_close(head(image), task.parser(image))


def test_evaluation_does_not_depend_on_the_batch_size():
    task = ParserTask(HEAD, Discs()).eval()
    results = [task.evaluate(Discs(5), "cpu", batch_size=size) for size in (1, 3)]
    assert results[0]["accuracy"] == pytest.approx(results[1]["accuracy"], abs=1e-3)


def test_loss_is_the_weighted_mean_over_labelled_pixels():
    dataset = Discs()
    task = ParserTask(HEAD, dataset).eval()
    given = batch(dataset)
    with torch.no_grad():
        want = torch.nn.functional.cross_entropy(
            task.parser(given["normal"]), given["labels"], weight=task.class_weight, ignore_index=255
        )
        torch.testing.assert_close(task.loss(given)["loss_ce"], want)


def test_an_unlabelled_batch_gives_zero():
    dataset = Discs()
    given = batch(dataset)
    given["labels"] = torch.full_like(given["labels"], 255)
    assert ParserTask(HEAD, dataset).loss(given)["loss_ce"].item() == 0


def test_augments_only_in_train_mode():
    torch.manual_seed(0)
    dataset = Discs()
    task = ParserTask({**HEAD, "num_classes": 11}, dataset).eval()
    losses = [task.loss(batch(dataset))["loss_ce"].item() for _ in range(2)]
    assert losses[0] == losses[1]


def test_every_parameter_belongs_to_the_network():
    task = ParserTask(HEAD, Discs())
    assert {id(p) for p in task.parameters()} == {id(p) for p in task.network.parameters()}
    assert set(task.state()) == set(task.network.state_dict())


def test_other_class_counts_have_numbers_for_names():
    task = ParserTask({**HEAD, "num_classes": 7}, Discs())
    assert task.classes == ("0", "1", "2", "3", "4", "5", "6")
    assert task.class_weight.tolist() == [1.0] * 7


def test_wrong_use_is_said():
    class Unlabelled(Discs):
        names = ("normal", "key")

    with pytest.raises(DataError, match="'labels'"):
        ParserTask(HEAD, Unlabelled())
    with pytest.raises(ConfigError, match="3 numbers for 11"):
        ParserTask(HEAD, Discs(), class_weight=[1, 2, 3])
    with pytest.raises(DataError, match="empty"):
        ParserTask(HEAD, Discs()).eval().evaluate(Discs(0), "cpu", batch_size=2)


def test_any_folder_with_label_maps(tmp_path):
    """Pictures and maps on disk in the LaPa-Face layout, all the way through ``lowface pretrain``."""
    import lowface_core as lf
    from lowface_core.config.load import load
    from lowface_core.data.images import write_image
    from lowface_core.train.pretrainer import pretrain

    for index in range(3):
        item = Discs(size=32)[index]
        write_image(tmp_path / "data" / "normal" / f"p{index}_0.png", item["normal"])
        (tmp_path / "data" / "seg").mkdir(exist_ok=True)
        Image.fromarray(np.minimum(item["labels"], 10).astype(np.uint8)).save(tmp_path / "data/seg" / f"p{index}_0.png")
    small = ["max_iters=2", "batch_size=2", "train_dataset.size=32", "test_dataset.size=32", "device=cpu"]
    cfg = load("heads/parser_celeba", [f"data_root={tmp_path / 'data'}", *small])
    record = pretrain({**cfg, "work_dir": str(tmp_path / "run")}, "heads/parser_celeba")
    assert 0 <= record["scores"]["miou"] <= 1
    assert {"background", "skin", "nose"} <= set(record["scores"]["iou"])
    weights = str(tmp_path / "run" / "weights.safetensors")
    head = lf.build("head", "deeplabv3plus", backbone="small", weights=weights)
    assert head(torch.rand(1, 3, 20, 30)).shape == (1, 11, 20, 30)
