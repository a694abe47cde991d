from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import lowface_core as lf
from lowface_core.data.images import read_image, write_image
from lowface_core.inference import default_enhancer
from lowface_core.weights.record import find, sha256_of
from lowface_data.degradations.night import Night


@pytest.fixture(scope="module")
def dark() -> tuple[torch.Tensor, torch.Tensor]:
    """Twelve rendered faces that training has not seen, darkened heavily, and in normal light."""
    people = lf.build("dataset", "rendered_faces", size=128, first_identity=20_000, identities=12, pictures=1)
    normal = [item["normal"] for item in people.gallery()]
    low = [Night("hard")(picture, np.random.default_rng(k))[0] for k, picture in enumerate(normal)]
    return torch.as_tensor(np.stack(low)), torch.as_tensor(np.stack(normal))


def psnr(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(-10 * (one - other).square().mean((1, 2, 3)).log10().mean())


@pytest.mark.parametrize(("size", "most"), [("base", 500_000), ("small", 60_000)])
def test_they_are_those_of_their_records(size: str, most: int) -> None:
    record = find(f"night/{size}")
    told = json.loads(record.path.with_suffix(".json").read_text("utf-8"))
    assert told["sha256"] == sha256_of(record.path)
    assert told["command"].startswith("lowface train night_rendered")
    assert told["enhancer"]["size"] == size
    assert sum(p.numel() for p in lf.load_enhancer(f"night/{size}").parameters()) == told["parameters"] <= most
    assert record.entry.licence == "Apache-2.0"


def test_together_they_are_small() -> None:
    assert sum(find(f"night/{size}").path.stat().st_size for size in ("base", "small")) <= 3_000_000


@pytest.mark.parametrize("size", ["base", "small"])
def test_they_take_out_noise_that_a_gain_leaves(dark: tuple[torch.Tensor, torch.Tensor], size: str) -> None:
    low, normal = dark
    enhanced = lf.load_enhancer(f"night/{size}")(low)
    gained = (low * 0.43 / low.mean((1, 2, 3), keepdim=True)).clamp(0, 1)
    assert psnr(enhanced, normal) > psnr(gained, normal) + 2


@pytest.mark.parametrize("size", ["base", "small"])
def test_bright_clean_pictures_pass(dark: tuple[torch.Tensor, torch.Tensor], size: str) -> None:
    normal = dark[1][dark[1].mean((1, 2, 3)) > 0.43]
    assert len(normal) > 3
    assert psnr(lf.load_enhancer(f"night/{size}")(normal), normal) >= 38


def test_they_are_what_a_command_without_a_checkpoint_uses(
    lowface: Callable[..., Any], tmp_path: Path, dark: tuple[torch.Tensor, torch.Tensor]
) -> None:
    write_image(tmp_path / "dark.png", dark[0][0].numpy())
    said = lowface("enhance", "dark.png", "-o", "bright.png")
    assert said.code == 0, said.err
    lines = [line for line in said.err.splitlines() if "night/base" in line]
    assert lines == ["lowface: no --checkpoint, so the weights night/base that ship with lowface are used"]
    by_library = lf.enhance(tmp_path / "dark.png", lf.load_enhancer())
    assert np.array_equal(by_library, (read_image(tmp_path / "bright.png") * 255).round().transpose(1, 2, 0))
    assert by_library.mean() > 3 * 255 * float(dark[0][0].mean())


def test_a_state_dicts_enhancer_needs_its_file(lowface: Callable[..., Any], tmp_path: Path) -> None:
    write_image(tmp_path / "dark.png", np.zeros((3, 4, 4)))
    said = lowface("enhance", "dark.png", "-o", "bright.png", "--enhancer", "retinex")
    assert said.code == 1
    assert "--enhancer retinex: is for a state dict file; name it with --checkpoint" in said.err


def test_the_default_is_the_one_that_says_so() -> None:
    assert default_enhancer() == "night/base"
