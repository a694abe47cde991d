from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.data.images import write_image

# Runs the command and kills it as the third batch is done, with the state saved after every batch.
KILLED = """
import os, signal, sys
from lowface_core.cli import main
from lowface_core.evaluation.image_quality import ImageQuality
from lowface_core.runs import result_folder
result_folder.SECONDS = 0.0
whole = ImageQuality.batches
def killed(self, *args):
    for number, count in enumerate(whole(self, *args), 1):
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        yield count
ImageQuality.batches = killed
main()
"""


@pytest.fixture
def pairs(tmp_path: Path) -> Callable[..., None]:
    """Writes folders ``low``, ``dark``, ``bright``, ``normal`` of noisy pictures, each brighter than the one before."""

    def write(count: int = 3, size: tuple[int, int] = (24, 20)) -> None:
        for name, scale in (("low", 0.2), ("dark", 0.5), ("bright", 0.8), ("normal", 1.0)):
            for index in range(count):
                picture = np.random.default_rng(index).random((3, *size), dtype=np.float32) * np.float32(scale)
                write_image(tmp_path / name / f"p{index:03d}.png", picture)

    return write


def without_manifest(path: Path) -> str:
    content = json.loads(path.read_text())
    assert content.pop("manifest")
    return json.dumps(content)


def test_folders_are_measured_and_the_result_is_read_back(lowface: Any, pairs: Any, tmp_path: Path) -> None:
    pairs()
    words = [
        "evaluate",
        "--enhanced",
        "bright",
        "--reference",
        "normal",
        "--low",
        "low",
        "--metrics",
        "psnr,ssim:valid",
    ]
    done = lowface(*words)
    assert done.code == 0, done.err
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["bright,", "3", "pictures"]
    assert lines[1] == ["psnr", "ssim:valid"]
    assert lines[2] == ["↑", "rgb,", "dB", "↑", "valid"]
    assert [line[0] for line in lines[3:5]] == ["low", "enhanced"]
    assert lines[-1][-1] == "work_dirs/evaluate/bright"
    again = lowface(*words, "--json")
    assert again.err == "work_dirs/evaluate/bright: read back; --overwrite computes it anew\n"
    result = json.loads(again.out)
    assert result == json.loads((tmp_path / "work_dirs/evaluate/bright/result.json").read_text())
    assert (result["kind"], result["title"], result["pictures"]) == ("evaluation", "bright", 3)
    assert result["columns"]["ssim:valid"]["variant"] == "valid"
    from lowface_core.evaluation.folders import Folders
    from lowface_metrics.psnr import psnr

    items = list(map(Folders(tmp_path / "bright", tmp_path / "normal").__getitem__, range(3)))
    stacks = (np.stack([item[name] for item in items]) for name in ("enhanced", "normal"))
    import torch

    own = psnr(*map(torch.from_numpy, stacks)).double().mean()
    assert result["table"]["enhanced"]["psnr"] == pytest.approx(float(own), abs=1e-9)
    lines = (tmp_path / "work_dirs/evaluate/bright/pictures.jsonl").read_text().splitlines()
    assert [json.loads(line)["key"] for line in lines] == ["p000", "p001", "p002"]
    assert len(list((tmp_path / "work_dirs/evaluate/bright/pictures").glob("*.jpg"))) == 18


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--enhanced", "bright"], "metrics.psnr: compares with normal pictures; add --reference DIR, or leave it out"),
        (["--enhanced", "nowhere"], "nowhere: no such folder"),
        (["--enhanced", "short", "--reference", "normal"], "short: lacks 2 pictures that normal has: p001, p002"),
    ],
)
def test_faulty_folders_are_one_line(lowface: Any, pairs: Any, tmp_path: Path, words: list[str], part: str) -> None:
    pairs()
    write_image(tmp_path / "short" / "p000.png", np.zeros((3, 24, 20), np.float32))
    done = lowface("evaluate", *words, "--metrics", "psnr")
    if words[1] == "nowhere":
        done = lowface("evaluate", *words, "--metrics", "brightness")
    assert (done.code, done.err) == (1, f"lowface: {part}\n")
    assert not (tmp_path / "work_dirs").exists()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "give one CONFIG, or --enhanced DIR, or --compare"),
        (["a", "b"], "give one CONFIG"),
        (["a", "--reference", "b"], "--reference goes with --enhanced"),
        (["a", "--enhanced", "b"], "no CONFIG, --checkpoint or --enhancer"),
        (["a", "--compare"], "--compare needs two folders"),
        (["a", "b", "--compare", "--low", "c"], "--compare takes folders of results"),
    ],
)
def test_wrong_usage_is_named(lowface: Any, words: list[str], part: str) -> None:
    done = lowface("evaluate", *words)
    assert done.code == 2
    assert part in done.err


def test_a_training_run_and_its_evaluation_agree(lowface: Any, write_config: Any, tmp_path: Path) -> None:
    config = write_config(measured=True, metrics={"psnr": {"type": "psnr"}, "ssim": {"type": "ssim"}})
    summary = json.loads(lowface("train", config, "--work-dir", "run", "--json").out)
    done = lowface("evaluate", config, "--checkpoint", "run", "--json")
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert result["table"] == summary["test"]
    assert result["columns"] == summary["columns"]
    assert summary["columns"]["ssim"]["variant"] == "released"
    assert (result["title"], result["pictures"]) == ("run", summary["pictures"])
    compared = lowface("evaluate", "--compare", "run", "work_dirs/evaluate/run")
    assert compared.code == 0, compared.err
    valid = lowface("evaluate", config, "--checkpoint", "run", "--cfg-options", "metrics.ssim.variant=valid")
    assert "work_dirs/evaluate/run-2" in valid.out
    wider = lowface("evaluate", config, "--checkpoint", "run", "--cfg-options", "enhancer.channels=8")
    assert wider.code == 1
    assert "retinex" in wider.err  # the option counts: the checkpoint has another width
    refused = lowface("evaluate", "--compare", "work_dirs/evaluate/run", "work_dirs/evaluate/run-2")
    assert refused.code == 1
    assert refused.err.count("\n") == 1
    assert "variant 'released'" in refused.err
    assert "'valid'" in refused.err


def test_enhancers_without_parameters_other_splits_and_added_metrics(
    lowface: Any, write_config: Any, add_plugin: Any, tmp_path: Path
) -> None:
    import torch
    from torch import Tensor, nn

    class Lift(nn.Module):
        def __init__(self, by: float = 0.1) -> None:
            super().__init__()
            self.by = by

        def forward(self, low: Tensor) -> Tensor:
            return (low + self.by).clamp(0, 1)

    class Level:
        def __init__(self) -> None:
            self.values: list[float] = []

        def update(self, image: Tensor) -> None:
            self.values += image.double().mean((1, 2, 3)).tolist()

        def compute(self) -> float:
            return sum(self.values) / len(self.values)

    add_plugin({"enhancer": {"lift": Lift}, "metric": {"level": (Level, {"better": "higher"})}})
    config = write_config(measured=True)
    done = lowface(
        "evaluate", config, "--enhancer", "lift", "--split", "val", "--metrics", "+level", "--json", "--batch-size", 1,
        "--enhancer-options", "by=0.2",
    )  # fmt: skip
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert result["title"] == "lift"
    assert list(result["columns"]) == ["psnr", "level"]
    rise = result["table"]["enhanced"]["level"] - result["table"]["low"]["level"]
    assert rise == pytest.approx(0.2, abs=1e-6)
    assert result["manifest"]["request"]["batch_size"] == 1
    assert torch.is_grad_enabled()
    untrained = lowface("evaluate", config, "--enhancer", "retinex")
    assert untrained.err == "lowface: enhancer: 'retinex' is an untrained network; give a work dir or a checkpoint\n"
    missing = lowface("evaluate", config)
    assert missing.err.startswith("lowface: --checkpoint: missing; give a work dir")
    unknown = lowface("evaluate", config, "--enhancer", "lift", "--metrics", "psnrr")
    assert "did you mean 'psnr'?" in unknown.err
    no_test = write_config(val_dataset={"type": "rendered_faces"}, metrics={"psnr": {"type": "psnr"}})
    done = lowface("evaluate", no_test, "--enhancer", "lift")
    assert done.err == "lowface: test_dataset: missing; add it to the config, or use --split val\n"


def test_killed_halfway_and_run_again_gives_the_same_result(lowface: Any, pairs: Any, python: Any, tmp_path: Path):
    pairs(10)
    words = ["evaluate", "--enhanced", "bright", "--reference", "normal", "--metrics", "psnr,ssim", "--batch-size", "2"]
    assert lowface(*words, "--work-dir", "whole").code == 0
    done = python("-c", KILLED, *words, "--work-dir", "cut", cwd=tmp_path)
    assert done.code == -9, done.err
    assert not (tmp_path / "cut" / "result.json").exists()
    other = lowface(*words[:-1], "5", "--work-dir", "cut")
    assert other.code == 1
    assert "cut: holds an unfinished result with other settings (batch_size 2, now 5)" in other.err
    again = lowface(*words, "--work-dir", "cut")
    assert again.err == "cut: continuing after 4 pictures\n"
    assert without_manifest(tmp_path / "cut" / "result.json") == without_manifest(tmp_path / "whole" / "result.json")
    for name in ("pictures.jsonl", "pictures/index.json", *(f"pictures/{i:04d}_enhanced.jpg" for i in range(1, 21))):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert not (tmp_path / "cut" / ".unfinished").exists()
