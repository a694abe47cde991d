"""Folders a report is made of, written by hand in the form that train, evaluate and a stranger's command leave them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lowface_core.report.charts import Chart, before_after, by_stage, draw
from lowface_core.report.inputs import Source
from lowface_core.report.result_report import ResultReport
from lowface_core.report.tables import Column, Table, cell, make, stage_rows
from lowface_core.runs.result_schema import Figure, Result, Stage

STAGES = ("low", "enhanced", "normal")
MANIFEST = {
    "started": "2026-01-02T03:04:05+00:00",
    "command": ["lowface", "evaluate", "a config.py"],
    "lowface": "0.1.0",
}
COLUMNS = {
    "psnr": {"metric": "psnr", "variant": "rgb", "better": "higher", "unit": "dB", "source": "mean of per-image dB"},
    "ssim": {"metric": "ssim", "variant": "valid", "better": "higher", "unit": "", "source": "Wang et al., 2004"},
    "niqe": {"metric": "niqe", "variant": "", "better": "lower", "unit": "", "source": "Mittal et al., 2013"},
}


def face(seed: int, stage: str, size: int = 96, noise: float = 0.0) -> Image.Image:
    """A round face on a plain ground, darkened for ``low``, with noise."""
    draw = np.random.default_rng(seed)
    image = Image.new("RGB", (size, size), tuple(int(v) for v in draw.integers(60, 220, 3)))
    pen = ImageDraw.Draw(image)
    unit = size / 96
    pen.ellipse([20 * unit, 12 * unit, 76 * unit, 88 * unit], fill=tuple(int(v) for v in draw.integers(120, 240, 3)))
    for x in (36, 56):
        pen.ellipse([x * unit, 38 * unit, (x + 6) * unit, 44 * unit], fill="black")
    pen.arc([36 * unit, 52 * unit, 60 * unit, 72 * unit], 20, 160, fill="darkred", width=max(int(2 * unit), 1))
    pixels = np.asarray(image, dtype=np.float64) / 255
    gain = {"low": 0.15, "enhanced": 0.9, "normal": 1.0}[stage]
    pixels = pixels * gain + draw.normal(0, noise, pixels.shape) * (stage != "normal")
    return Image.fromarray((pixels.clip(0, 1) * 255).astype(np.uint8))


def write_pictures(
    folder: Path,
    groups: Mapping[str, int],
    numbers: Mapping[str, float] | None = None,
    size: int = 96,
    noise: float = 0.0,
    quality: int = 85,
) -> None:
    """Writes ``pictures/`` with the given number of entries a group."""
    index: list[dict[str, Any]] = []
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for group, count in groups.items():
        for seed in range(count):
            files = {stage: f"{len(index) + 1:04d}_{stage}.jpg" for stage in STAGES}
            for stage, name in files.items():
                face(seed, stage, size, noise).save(folder / "pictures" / name, quality=quality)
            note = "two instead of three" if group == "lost" else ""
            entry = {"key": f"person_{seed}/{group}", "group": group, "stages": files, "note": note}
            index.append({**entry, "numbers": dict(numbers or {})})
    (folder / "pictures" / "index.json").write_text(json.dumps(index))


def write_result(folder: Path, kind: str, title: str, **content: Any) -> Path:
    """Writes ``result.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    common = {"format": 1, "kind": kind, "title": title, "pictures": 20, "data": "faces", "manifest": MANIFEST}
    (folder / "result.json").write_text(json.dumps({**common, **content}))
    return folder


def interval(value: float, spread: float = 0.03, **more: Any) -> dict[str, Any]:
    """A number with its bounds."""
    return {"value": value, "low": max(value - spread, 0), "high": min(value + spread, 1), **more}


Write = Callable[..., Path]


@pytest.fixture
def evaluation(tmp_path: Path) -> Write:
    """Writes an evaluation: ``evaluation("gamma", psnr=18.2)``."""

    def write(title: str = "gamma", folder: str = "", psnr: float | None = 18.2, **content: Any) -> Path:
        table = {
            "low": {"psnr": 8.1, "ssim": 0.2, "niqe": 6.0},
            "enhanced": {"psnr": psnr, "ssim": (psnr or 0) / 25, "niqe": 4.5},
            "normal": {"niqe": 3.2},
        }
        return write_result(
            tmp_path / (folder or f"eval_{title}"),
            "evaluation",
            title,
            **{"columns": COLUMNS, "table": table, **content},
        )

    return write


class Counting(Result):
    """Another plugin's kind of result: how many things were found in the pictures, by which ruler."""

    ruler: str
    stages: dict[Stage, dict[str, Figure]]


class CountingReport(ResultReport):
    schema, command, heading = Counting, "count", "Counting"
    groups: ClassVar[Mapping[str, tuple[str, str]]] = {"lost": ("Lost", "Found before, not after.")}
    facts = ("ruler",)

    def measured(self, content: Mapping[str, Any]) -> dict[str, Any]:
        return {"ruler": content["ruler"]}

    def tables(self, sources: Sequence[Source]) -> list[Table]:
        column = Column("found", "found", "higher", percent=True)
        rows = stage_rows(sources, "stages", lambda stage: [cell(stage.get("found"))])
        return [make("counting", "Counting", [column], rows, ["Counted by hand."])]

    def charts(self, sources: Sequence[Source], names: Sequence[str]) -> list[Chart]:
        chart = before_after(sources, "found", "Found things")
        curves = by_stage(sources, lambda source, stage: ((1.0, 0.5), (2.0, len(stage) / 10)), names)
        return [*([chart] if chart else []), draw("Things", curves, "size", "found")]


@pytest.fixture
def counting(tmp_path: Path, add_plugin: Callable[..., None]) -> Write:
    """Writes a result of a kind that another plugin registers; what is found in enhanced pictures is ``found``."""
    add_plugin({"result": {"counting": CountingReport}})

    def write(title: str = "gamma", folder: str = "", found: float = 0.6, **content: Any) -> Path:
        stages = {"low": {"found": interval(0.3, note="too few things")}, "enhanced": {"found": interval(found)}}
        facts = {"ruler": "thumb", "stages": stages, "lost": ["b/2"] * 15}
        return write_result(tmp_path / (folder or f"count_{title}"), "counting", title, **{**facts, **content})

    return write


def panel_of(path: Path, columns: Sequence[str] = ("low", "enhanced", "illumination", "normal"), rows: int = 2) -> None:
    """Draws a sample panel with the trainer's own code."""
    import torch

    from lowface_core.train.sample_panel import write_panel

    class Brighten(torch.nn.Module):
        outputs = ("enhanced", "illumination")

        def forward(self, low: torch.Tensor) -> dict[str, torch.Tensor]:
            made = {"enhanced": (low * 5).clamp(0, 1), "illumination": low.mean(1, keepdim=True)}
            return {name: value for name, value in made.items() if name in columns}

    def tensor(seed: int, stage: str) -> torch.Tensor:
        pixels = np.asarray(face(seed, stage), dtype=np.float32) / 255
        return torch.from_numpy(pixels.transpose(2, 0, 1).copy())

    samples = [
        {"key": str(i), **{stage: tensor(i, stage) for stage in ("low", "normal") if stage in columns}}
        for i in range(rows)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_panel(path, Brighten(), samples, torch.device("cpu"))


@pytest.fixture
def draw_panel() -> Callable[..., None]:
    """The function that draws a sample panel: path, columns, rows."""
    return panel_of


@pytest.fixture
def pictures() -> Callable[..., None]:
    """The function that writes ``pictures/`` into a result folder: folder, number of entries by group."""
    return write_pictures


@pytest.fixture
def training(tmp_path: Path) -> Write:
    """Writes the work dir of a finished training run."""

    def write(title: str = "lowfacenet", psnr: float = 20.0, iterations: int = 100, panels: int = 2) -> Path:
        folder = tmp_path / title
        folder.mkdir(parents=True)
        lines = [
            {"iter": i, "split": "train", "loss/color": 1 / i, "loss/total": 2 / i, "lr": 1e-3 * (1 - i / iterations)}
            for i in range(10, iterations + 1, 10)
        ]
        lines += [
            {"iter": i, "split": "val", "low/psnr": 8.0, "enhanced/psnr": psnr - 5 / i, "normal/niqe": 3.0}
            for i in (iterations // 2, iterations)
        ]
        (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        (folder / "manifest.json").write_text(json.dumps({**MANIFEST, "data": {"test_dataset": "faces"}, "seed": 1}))
        table = {"low": {"psnr": 8.1}, "enhanced": {"psnr": psnr}, "normal": {"niqe": 3.2}}
        summary = {"iterations": iterations, "best": None, "test": table}
        columns = {key: COLUMNS[key] for key in ("psnr", "niqe")}
        (folder / "summary.json").write_text(json.dumps({**summary, "columns": columns}))
        (folder / "config.py").write_text("lr = 0.001\n")
        for step in range(1, panels + 1):
            panel_of(folder / "samples" / f"iter_{step * iterations // panels:06d}.png")
        return folder

    return write
