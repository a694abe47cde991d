"""A training step with all losses of the paper in their released form, as this project runs it and straightforwardly.

Both use the same enhancer (Enhance-Net, 64 channels) and the same frozen heads with drawn weights: VGG-16, DeepLabv3+
on MobileNetV2, RetinaFace at 640 pixels, FaceNet on MobileNetV1, cut out by the eyes; a gallery of 1,000 drawn faces.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any, NamedTuple

import torch
from plain_enhance_net import PlainEnhanceNet
from stopwatch import Stopwatch, peak_memory_mib
from torch import Tensor, nn

from lowface_core.config.build import build
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.run_enhancer import run_enhancer
from lowface_core.step.wiring import reads

#: People of the gallery.
PEOPLE = 1000
#: Anchors that pass for faces: drawn weights would else find thousands, or none.
FACES = 10
RELEASED = ("brightness_cr", "color", "smoothness", "semantic_brightness", "identity")

Step = Callable[[Mapping[str, Tensor]], dict[str, Tensor]]


class WholeStep(NamedTuple):
    """Both steps, from a batch to the losses by name, and the weights that both train."""

    shipped: Step
    naive: Step
    enhancer: nn.Module


def drawn_heads() -> dict[str, nn.Module]:
    """The frozen networks of the paper with weights that were drawn."""
    from lowface_face.facenet import MobileNetEmbedding
    from lowface_face.retinaface import RetinaFaceNet
    from lowface_fidelity.vgg16 import VGGLadder
    from lowface_semantic.mobilenet import MobileNetDeepLab

    with tempfile.TemporaryDirectory() as folder:

        def saved(network: nn.Module) -> str:
            path = Path(folder) / f"{type(network).__name__}.pth"
            torch.save(network.state_dict(), path)
            return str(path)

        detector = build("head", "retinaface", weights=saved(RetinaFaceNet()), input_size=640)
        encoder = build("head", "facenet_mobilenet", weights=saved(MobileNetEmbedding()))
        parser = build("head", "deeplabv3plus_mobilenet", weights=saved(MobileNetDeepLab()))
    face = build("head", "face", encoder=encoder, detector=detector, locate="enhanced", align="eyes", cache=False)
    return {"features": VGGLadder(), "parser": parser, "face": face}


def whole_step(naive: ModuleType, low: Tensor) -> WholeStep:
    """Both steps for pictures such as ``low`` (B,3,H,W); ``naive`` is tests/naive_losses.py."""
    from lowface_face.gallery import Gallery

    torch.manual_seed(0)
    enhancer = build("enhancer", "retinex", init="he", start=0.2)
    heads = drawn_heads()
    gallery = nn.functional.normalize(torch.randn(PEOPLE, heads["face"].encoder.dim), dim=1)  # type: ignore
    bank = HeadBank(heads, prepared={"face": Gallery(gallery, torch.arange(PEOPLE))})
    detector = heads["face"].detector
    with torch.no_grad():
        pictures = enhancer(low)["enhanced"]
        scores = detector.network(detector.prepare(pictures)[0])[0]  # type: ignore
    detector.confidence = float(scores.topk(FACES, 1).values[:, -1].min())  # type: ignore
    losses = {name: build("loss", name, form="released") for name in RELEASED if name != "semantic_brightness"}
    losses["semantic_brightness"] = build("loss", "semantic_brightness", form="released", regions="parser")
    losses |= {name: build("loss", name) for name in ("feature_cr", "perceptual")}
    wants = {name: reads(loss.forward) for name, loss in losses.items()}

    def shipped(batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        names = {**batch, **run_enhancer(enhancer, batch["low"])}
        names.update(bank.bind(names))
        return {name: loss(**wants[name].pick(names)) for name, loss in losses.items()}

    plain, filters = PlainEnhanceNet(enhancer), naive.color_filters().float()
    vgg = naive.NaiveVGG(heads["features"].features)

    def straightforward(batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        names = {**batch, **plain.outputs(batch["low"])}
        names["labels"] = naive.parsed(names["enhanced"], heads["parser"])
        found = naive.released_losses(names, vgg, filters)
        return {**found, "identity": naive.identity(names["enhanced"], batch["identity"], heads["face"], gallery)}

    return WholeStep(shipped, straightforward, enhancer)


def time_whole_step(naive: ModuleType, batch: int, size: int, warmup: int, runs: int) -> dict[str, Any]:
    """Forward and backward of both steps, turn by turn: times, their ratio, and how far the answers differ."""
    torch.manual_seed(1)
    names = {name: torch.rand(batch, 3, size, size) for name in ("low", "positive", "negative")}
    names = {**names, "low": 0.3 * names["low"], "negative": 0.3 * names["negative"], "identity": torch.arange(batch)}
    both = whole_step(naive, names["low"])
    watch, answers = Stopwatch(torch.device("cpu")), {}
    for _ in range(warmup + runs):
        for title, step in (("shipped", both.shipped), ("naive", both.naive)):
            both.enhancer.zero_grad()
            with watch.part(title):
                losses = step(names)
                torch.stack([losses[name].float() for name in sorted(losses)]).sum().backward()
            slopes = torch.cat([p.grad.flatten() for p in both.enhancer.parameters() if p.grad is not None])
            answers[title] = ({name: float(losses[name].detach()) for name in sorted(losses)}, slopes)
    ratios = [
        own / plain for plain, own in zip(watch.cpu["naive"][warmup:], watch.cpu["shipped"][warmup:], strict=True)
    ]
    (values, slopes), (plain_values, plain_slopes) = answers["shipped"], answers["naive"]
    return {
        "picture": f"{batch}x3x{size}x{size}",
        "parts": watch.table(warmup),
        "ratios": {
            "shipped / naive, cpu": {"median": median(ratios), "min": min(ratios), "max": max(ratios), "runs": runs}
        },
        "losses": values,
        "relative_difference": {
            "loss": max(abs(values[name] - plain) / abs(plain) for name, plain in plain_values.items()),
            "gradient": float((slopes - plain_slopes).norm() / plain_slopes.norm()),
        },
        "peak_memory_mib": round(peak_memory_mib(torch.device("cpu"))),
    }
