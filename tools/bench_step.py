"""Times a training step part by part, or the released losses against a straightforward implementation.

    python tools/bench_step.py CONFIG [--size N] [--batch N] [--cfg-options KEY=VALUE ...]
    python tools/bench_step.py --naive [--size 256] [--batch 2]
    python tools/bench_step.py --whole [--size 384] [--batch 2]
    python tools/bench_step.py --layouts

A config's step: data, enhancer, each loss forward (a loss that asks a head first pays for it; those after it find the
answer kept), backward, optimizer; medians, spread and peak memory. ``--naive``: the released-form losses without the
face's, forward and backward, through one head bank, against tests/naive_losses.py with the same random VGG-16, turn by
turn in one process. ``--layouts``: plain stacks of convolutions with channels outermost and innermost in memory.
Wall time is what one waits; CPU time is what others on the machine do not change. ``--json FILE`` keeps the figures.
Run it from the root of the checkout.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from stopwatch import ROOT, Stopwatch, machine, peak_memory_mib
from torch import Tensor, nn
from whole_step import time_whole_step

from lowface_core.config.load import load
from lowface_core.data.batches import RunOrder, served, to_device, training_loader
from lowface_core.errors import LowfaceError
from lowface_core.files import finite, write_json
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.run_enhancer import run_enhancer
from lowface_core.step.wiring import reads
from lowface_core.train.optimizer import clipped_norm, optim_wrapper
from lowface_core.train.trainer import Trainer


def step_of_config(args: argparse.Namespace) -> dict[str, Any]:
    """Times the parts of a config's training step."""
    options = [f"train_dataset.size={args.size}"] if args.size else []
    options += [f"batch_size={args.batch}"] if args.batch else []
    cfg = load(args.config, [*options, *args.cfg_options])
    for section in ("val_dataset", "test_dataset", "metrics"):
        cfg.pop(section, None)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer({**cfg, "work_dir": folder}, "bench")
    device, dataset, losses = trainer.device, trainer.datasets["train_dataset"], trainer.losses
    wants = {name: reads(loss.forward) for name, loss in losses.items()}
    bank = trainer.bank.prepared_for(dataset, {n for what in wants.values() for n in what.all if n in trainer.bank})
    enhancer = trainer.enhancer.to(device).train()
    optimizer = optim_wrapper(cfg, list(enhancer.parameters()), device)
    order = RunOrder(len(dataset), cfg["batch_size"], cfg["seed"])
    batches = served(training_loader(dataset, order, cfg["num_workers"]))
    watch = Stopwatch(device)
    for _ in range(args.warmup + args.runs):
        with watch.part("whole step"):
            with watch.part("data"):
                batch = to_device(next(batches), device)
            with optimizer.optim_context(enhancer):
                with watch.part("enhancer forward"):
                    names = {**batch, **run_enhancer(enhancer, batch["low"])}
                names.update(bank.bind(names))
                terms = []
                for name, loss in losses.items():
                    with watch.part(f"{name} forward"):
                        terms.append(cfg["losses"][name].get("weight", 1.0) * loss(**wants[name].pick(names)).float())
            with watch.part("backward"):
                optimizer.backward(torch.stack(terms).sum())
            with watch.part("optimizer"):
                clipped_norm(optimizer, cfg["grad_clip"])
                optimizer.step()
                optimizer.zero_grad()
    shape = "x".join(map(str, batch["low"].shape))
    content = {"config": args.config, "options": [*options, *args.cfg_options], "picture": shape, "device": str(device)}
    return {**content, "parts": watch.table(args.warmup), "peak_memory_mib": round(peak_memory_mib(device))}


def naive_module() -> ModuleType:
    """tests/naive_losses.py, which no installation has."""
    spec = importlib.util.spec_from_file_location("naive_losses", ROOT / "tests" / "naive_losses.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shipped_losses(vgg: nn.Module) -> Callable[[Mapping[str, Tensor]], dict[str, Tensor]]:
    """The released-form losses of this project as a training step runs them, but the face's."""
    from lowface_core.config.build import build

    bank = HeadBank({"features": vgg})
    released = ("brightness_cr", "color", "smoothness", "semantic_brightness")
    losses = {name: build("loss", name, form="released") for name in released}
    losses = {"feature_cr": build("loss", "feature_cr"), **losses, "perceptual": build("loss", "perceptual")}

    def step(names: Mapping[str, Tensor]) -> dict[str, Tensor]:
        every = {**names, **bank.bind(names)}
        return {name: loss(**reads(loss.forward).pick(every)) for name, loss in losses.items()}

    return step


def against_naive(args: argparse.Namespace) -> dict[str, Any]:
    """Times forward and backward of both implementations, turn by turn."""
    from lowface_fidelity.vgg16 import VGGLadder

    naive, size, batch = naive_module(), args.size or 256, args.batch or 2
    torch.manual_seed(0)
    vgg = VGGLadder()
    names = {name: torch.rand(batch, 3, size, size) for name in ("low", "enhanced", "illumination", "positive")}
    names["negative"], names["low"] = 0.3 * torch.rand(batch, 3, size, size), 0.3 * names["low"]
    names["labels"] = (torch.arange(size * size) * naive.CLASSES // size**2).view(1, size, size).repeat(batch, 1, 1)
    shipped, filters = shipped_losses(vgg), naive.color_filters().float()
    contenders = {"shipped": shipped}  # HeadBank has frozen the weights that the other two share
    for title, last in (("naive", "relu4_3"), ("naive, feature_cr stops at relu3_3", "relu3_3")):
        rivals = {"perceptual": naive.NaiveVGG(vgg.features), "feature_cr": naive.NaiveVGG(vgg.features, last)}
        contenders[title] = lambda names, rivals=rivals: naive.released_losses(
            names, rivals["perceptual"], filters, rivals["feature_cr"]
        )
    watch, answers = Stopwatch(torch.device("cpu")), {}
    for _ in range(args.warmup + args.runs):
        for title, step in contenders.items():
            trained = {name: names[name].clone().requires_grad_() for name in ("enhanced", "illumination")}
            with watch.part(title):
                losses = step({**names, **trained})
                torch.stack([losses[name] for name in sorted(losses)]).sum().backward()
            values = torch.stack([losses[name].detach() for name in sorted(losses)])
            answers[title] = (values, trained["enhanced"].grad, trained["illumination"].grad)
    ratios = {}
    for title in contenders:
        if title == "shipped":
            continue
        for kind, times in (("wall", watch.wall), ("cpu", watch.cpu)):
            pairs = zip(times["shipped"][args.warmup :], times[title][args.warmup :], strict=True)
            runs = sorted(ours / theirs for ours, theirs in pairs)
            spread = {"median": statistics.median(runs), "min": runs[0], "max": runs[-1], "runs": len(runs)}
            ratios[f"shipped / {title}, {kind}"] = spread
    (values, *gradients), (naive_values, *naive_gradients) = answers["shipped"], answers["naive"]
    differences = [float(((values - naive_values) / naive_values).abs().max())]
    differences += [float((a - b).norm() / b.norm()) for a, b in zip(gradients, naive_gradients, strict=True)]
    return {
        "picture": f"{batch}x3x{size}x{size}",
        "parts": watch.table(args.warmup),
        "ratios": ratios,
        "relative_difference": dict(zip(("values", "enhanced.grad", "illumination.grad"), differences, strict=True)),
        "peak_memory_mib": round(peak_memory_mib(torch.device("cpu"))),
    }


def whole(args: argparse.Namespace) -> dict[str, Any]:
    """Times a step with every loss of the paper and both implementations of it."""
    return time_whole_step(naive_module(), args.batch or 2, args.size or 384, args.warmup, args.runs)


def layouts(args: argparse.Namespace) -> dict[str, Any]:
    """Times stacks of convolutions, forward and backward, in both memory layouts, turn by turn."""
    from lowface_fidelity.small_features import SmallFeaturesNet
    from lowface_fidelity.vgg16 import VGGLadder
    from lowface_retinex.enhance_net import EnhanceNet

    torch.manual_seed(0)
    stacks = {
        "vgg16 to relu4_3, 2x3x256x256": (VGGLadder().features[:23].requires_grad_(False), (2, 3, 256, 256)),
        "small_features, 8x3x96x96": (SmallFeaturesNet().features[:-1].requires_grad_(False), (8, 3, 96, 96)),
        "retinex, second half, 16 channels, 8x3x96x96": (EnhanceNet(16).conv, (8, 3, 96, 96)),
        "retinex, second half, 64 channels, 8x3x96x96": (EnhanceNet(64).conv, (8, 3, 96, 96)),
    }
    watch = Stopwatch(torch.device("cpu"))
    ratios = {}
    for title, (stack, shape) in stacks.items():
        image = torch.rand(shape)
        for _ in range(args.warmup + args.runs):
            for layout in (torch.contiguous_format, torch.channels_last):
                x = image.clone(memory_format=layout).requires_grad_()
                with watch.part(f"{title}, {str(layout).removeprefix('torch.')}"):
                    stack(x).square().mean().backward()
        names = [f"{title}, channels_last", f"{title}, contiguous_format"]
        pairs = zip(*(watch.cpu[name][args.warmup :] for name in names), strict=True)
        ratios[f"{title}: channels_last / contiguous_format, cpu"] = {
            "median": statistics.median(a / b for a, b in pairs),
            "runs": args.runs,
        }
    return {"parts": watch.table(args.warmup), "ratios": ratios}


def show(content: Mapping[str, Any]) -> None:
    """Prints the figures for people."""
    parts: dict[str, dict[str, float]] = content["parts"]
    width = max(map(len, parts))
    print(f"{'milliseconds':{width}}  {'median':>9}  {'min':>9}  {'max':>9}  {'CPU time':>9}")
    for name, row in parts.items():
        print(f"{name:{width}}  " + "  ".join(f"{value:9.1f}" for value in row.values()))
    for name, spread in content.get("ratios", {}).items():
        print(f"{name}: " + ", ".join(f"{key} {value:.3g}" for key, value in spread.items()))
    for key in ("config", "picture", "relative_difference", "peak_memory_mib", "machine"):
        if key in content:
            print(f"{key}: {content[key]}")


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default="lowfacenet", help="config file or shipped name")
    parser.add_argument("--naive", action="store_true", help="released losses against a straightforward version")
    parser.add_argument("--whole", action="store_true", help="the same with all losses, heads and the enhancer")
    parser.add_argument("--layouts", action="store_true", help="channels outermost against innermost")
    parser.add_argument("--size", type=int, help="height and width in pixels")
    parser.add_argument("--batch", type=int, help="pictures a step")
    parser.add_argument("--runs", type=int, default=10, help="timed runs")
    parser.add_argument("--warmup", type=int, default=2, help="runs before those")
    parser.add_argument("--cfg-options", nargs="*", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    args = parser.parse_args()
    task = against_naive if args.naive else whole if args.whole else layouts if args.layouts else step_of_config
    try:
        content = finite({**task(args), "machine": machine()})
    except LowfaceError as error:
        raise SystemExit(f"bench_step: {error}") from error
    show(content)
    if args.json:
        write_json(args.json, content)


if __name__ == "__main__":
    main()
