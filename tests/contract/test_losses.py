"""The seven losses together: as in a step against a straightforward version, at awkward inputs, and one taken away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import lowface_core as lf
from lowface_core.config.load import load
from lowface_core.data.batches import collate
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.wiring import reads
from lowface_core.train.model import EnhancementModel
from lowface_core.train.trainer import Trainer
from lowface_face.detections import Detections
from lowface_face.face import Face
from lowface_face.face_encoder import FaceEncoder, FaceEncoderNet
from lowface_face.gallery import Gallery
from lowface_fidelity.small_features import SmallFeaturesNet
from lowface_fidelity.vgg16 import VGGLadder
from tests import naive_losses as naive

CLASSES = 11
#: Every loss in every form, with the source of regions where there is a choice.
LOSSES: dict[str, dict[str, Any]] = {
    "feature_cr": {"type": "feature_cr"},
    "brightness_cr": {"type": "brightness_cr"},
    "brightness_cr, released": {"type": "brightness_cr", "form": "released"},
    "perceptual": {"type": "perceptual"},
    "color": {"type": "color"},
    "color, released": {"type": "color", "form": "released"},
    "smoothness": {"type": "smoothness"},
    "smoothness, released": {"type": "smoothness", "form": "released"},
    "semantic": {"type": "semantic_brightness"},
    "semantic, parser": {"type": "semantic_brightness", "regions": "parser"},
    "semantic, released": {"type": "semantic_brightness", "form": "released"},
    "identity": {"type": "identity"},
    "identity, released": {"type": "identity", "form": "released"},
    "identity, margin": {"type": "identity", "margin": 0.3, "margin_type": "arcface"},
}
RELEASED = {
    "feature_cr": {},
    "brightness_cr": {"form": "released"},
    "perceptual": {},
    "color": {"form": "released"},
    "smoothness": {"form": "released"},
    "semantic_brightness": {"form": "released"},
}


def pictures(batch: int, height: int, width: int, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)

    def drawn(scale: float = 1.0) -> Tensor:
        return scale * torch.rand(batch, 3, height, width, generator=generator, dtype=dtype)

    names = {name: drawn() for name in ("enhanced", "illumination", "positive")}
    labels = torch.randint(0, CLASSES, (batch, height, width), generator=generator)
    return {**names, "low": drawn(0.3), "negative": drawn(0.3), "labels": labels, "identity": torch.arange(batch) % 3}


def count_convolutions(network: nn.Module) -> list[int]:
    """Counts the first convolution's runs with a gradient and without one: the number of pictures that climb."""
    seen = [0, 0]

    def hook(module: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        seen[int(torch.is_grad_enabled() and output.requires_grad)] += 1

    next(m for m in network.modules() if isinstance(m, nn.Conv2d)).register_forward_hook(hook)
    return seen


def lively(network: nn.Module) -> nn.Module:
    """The network with other random weights: torch's own would leave almost nothing of a picture at relu4_3."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)
    return network


@pytest.mark.parametrize("shape", [(1, 23, 17), (3, 16, 32)])
def test_a_step_of_released_losses_is_the_straightforward_one(shape: tuple[int, int, int]) -> None:
    torch.manual_seed(0)
    vgg = lively(VGGLadder().double())
    bank, passes = HeadBank({"features": vgg}), count_convolutions(vgg)
    names = pictures(*shape, dtype=torch.float64)
    losses = {name: lf.build("loss", name, **keywords) for name, keywords in RELEASED.items()}
    rival = naive.NaiveVGG(vgg.features)
    trained = {name: names[name].clone().requires_grad_() for name in ("enhanced", "illumination")}
    every = {**names, **trained}
    wanted = naive.released_losses(every, rival, naive.color_filters())
    assert passes == [3, 2]
    passes[:] = [0, 0]
    every.update(bank.bind(every))
    got = {name: loss(**reads(loss.forward).pick(every)) for name, loss in losses.items()}
    assert passes == [3, 1]  # positive, negative and low without a graph; the enhanced picture once
    for name, loss in got.items():
        torch.testing.assert_close(loss, wanted[name], rtol=1e-9, atol=0)
        picture = trained["illumination" if name == "smoothness" else "enhanced"]
        gradients = [torch.autograd.grad(x, picture, retain_graph=True)[0] for x in (loss, wanted[name])]
        torch.testing.assert_close(*gradients, rtol=1e-7, atol=1e-12)


def test_the_straightforward_version_is_the_released_codes(shared: Path) -> None:
    arrays = np.load(shared / "oracle" / "losses_released_code.npz")
    names = {
        name: torch.from_numpy(arrays[name]) for name in ("low", "enhanced", "illumination", "positive", "negative")
    }
    names = {name: value.permute(0, 3, 1, 2) for name, value in names.items()}
    names["labels"] = torch.from_numpy(arrays["labels"]).long()
    got = naive.released_losses(names, naive.NaiveVGG(VGGLadder().features), naive.color_filters().float())
    for name in ("brightness_cr", "color", "smoothness", "semantic_brightness"):
        oracle = arrays[f"loss/{'smooth' if name == 'smoothness' else name}"]
        assert float(got[name]) == pytest.approx(float(oracle), rel=1e-4)


class Finder(nn.Module):
    """Finds one upright face that fills the picture, or none."""

    def __init__(self, faces: int) -> None:
        super().__init__()
        self.faces = faces

    def forward(self, image: Tensor) -> list[Detections]:
        height, width = image.shape[-2:]
        box = torch.tensor([[0.0, 0.0, width, height]])[: self.faces]
        points = torch.tensor([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.75], [0.65, 0.75]])
        points = (points * torch.tensor([width, height]))[None][: self.faces]
        return [Detections(box, torch.ones(self.faces), points) for _ in image]


@pytest.fixture(scope="module")
def heads(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], HeadBank]:
    """Heads with random weights; ``heads(0)`` finds no face."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("heads") / "encoder.pth"
    torch.save(FaceEncoderNet().state_dict(), path)
    vgg, parser = lively(SmallFeaturesNet((8, 8, 8, 8))), nn.Conv2d(3, CLASSES, 3, padding=1)
    gallery = Gallery(nn.functional.normalize(torch.randn(3, 128), dim=1), torch.arange(3))

    def bank(faces: int) -> HeadBank:
        face = Face(FaceEncoder(path), Finder(faces))
        return HeadBank({"features": vgg, "parser": parser, "face": face}, prepared={"face": gallery})

    return bank


def run(spec: dict[str, Any], names: dict[str, Any], bank: HeadBank, autocast: torch.dtype | None = None) -> Any:
    """One loss on one batch: (value, gradient of the picture it trains)."""
    spec = dict(spec)
    loss = lf.build("loss", spec.pop("type"), **spec)
    picture = "illumination" if "illumination" in reads(loss.forward).all else "enhanced"
    names = {**names, picture: names[picture].to(autocast or torch.float32, copy=True).requires_grad_()}
    names.update(bank.bind(names))
    with torch.autocast("cpu", dtype=autocast or torch.bfloat16, enabled=autocast is not None):
        value = loss(**reads(loss.forward).pick(names))
    value.backward()
    return value.detach(), names[picture].grad


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("autocast", [None, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 17, 29), (2, 33, 20)])
def test_odd_sizes_single_pictures_and_half_precision_are_finite(
    name: str, autocast: torch.dtype | None, shape: tuple[int, int, int], heads: Callable[[int], HeadBank]
) -> None:
    value, gradient = run(LOSSES[name], pictures(*shape), heads(1), autocast)
    assert (value.ndim, value.dtype) == (0, torch.float32)
    assert bool(value.isfinite())
    assert bool(gradient.isfinite().all())
    assert float(gradient.abs().sum()) > 0
    if autocast is not None:
        exact, _ = run(LOSSES[name], pictures(*shape), heads(1))
        assert float(value) == pytest.approx(float(exact), rel=0.1, abs=0.02)


@pytest.mark.parametrize("form", ["paper", "released"])
def test_a_batch_without_any_face_is_finite(form: str, heads: Callable[[int], HeadBank]) -> None:
    value, gradient = run({"type": "identity", "form": form}, pictures(2, 24, 24), heads(0))
    assert float(value) == pytest.approx(0.0 if form == "paper" else np.log(3))
    assert float(gradient.abs().max()) == 0


@pytest.mark.parametrize("name", [name for name in LOSSES if name.startswith("semantic")])
@pytest.mark.parametrize("label", [7, 255])
def test_labels_of_one_class_or_none_are_finite(name: str, label: int, heads: Callable[[int], HeadBank]) -> None:
    names = pictures(2, 9, 7)
    names["labels"] = torch.full_like(names["labels"], label)
    value, gradient = run(LOSSES[name], names, heads(1))
    assert bool(value.isfinite())
    assert bool(gradient.isfinite().all())
    if label == 255 and "parser" not in name:
        assert float(value) == 0


@pytest.fixture(scope="module")
def default_step(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[str]], tuple[Any, Any]]:
    """Terms and total of the default recipe's first step on two small faces, with options set."""

    def step(options: list[str]) -> tuple[Any, Any]:
        small = ["train_dataset.size=48", "train_dataset.identities=3", "enhancer.channels=4", "device=cpu"]
        folder = tmp_path_factory.mktemp("run") / "run"
        cfg = load("lowfacenet", [*small, *options], {"work_dir": str(folder)})
        for section in ("val_dataset", "test_dataset", "metrics"):
            cfg.pop(section)
        trainer = Trainer(cfg, "lowfacenet")
        dataset = trainer.datasets["train_dataset"]
        weights = {name: spec["weight"] for name, spec in cfg["losses"].items()}
        model = EnhancementModel(trainer.enhancer, trainer.losses, weights, trainer.bank.prepared_for(dataset))
        batch = collate([dataset.item(index, np.random.default_rng(index)) for index in (0, 5)])
        step = model(**batch)
        return step, {"total": float(model.total(step.terms).detach()), "weights": weights}

    return step


def test_taking_one_loss_away_changes_its_own_term_alone(default_step: Callable[..., tuple[Any, Any]]) -> None:
    whole, sums = default_step([])
    assert len(whole.terms) == 7
    for gone, weight in sums["weights"].items():
        rest, rest_sums = default_step([f"losses.{gone}=null"])
        assert set(rest.terms) == set(whole.terms) - {gone}
        for name, term in rest.terms.items():
            assert torch.equal(term, whole.terms[name]), f"{name} without {gone}"
        assert all(number == whole.logged[key] for key, number in rest.logged.items())
        left = sums["total"] - weight * float(whole.terms[gone].detach())
        assert rest_sums["total"] == pytest.approx(left, abs=1e-6)
