"""docs/metrics.md: its configs check, its table is the registration's, its measured numbers are measured again."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import torch

from lowface_core.data.images import list_images, read_image
from lowface_core.registry.loader import plugins
from lowface_metrics import fid, lpips, pristine, psnr, ssim
from lowface_metrics.fit_niqe import main

ARROWS = {"higher": "↑", "lower": "↓"}


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "metrics.md").read_text(encoding="utf-8")


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The first table below a heading: first cell → the other cells."""
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first: rest for first, *rest in cells[2:]}


def test_the_fit_command_parses(page: str) -> None:
    (fit,) = (line for line in page.splitlines() if line.startswith("python -m lowface_metrics.fit_niqe"))
    assert main(shlex.split(fit)[3:]) == 1  # parsed; there is no such folder


def test_the_table_is_the_registration(page: str) -> None:
    table = rows(page, "All of them")
    registered = {c.name: c for c in plugins().components("metric") if c.package == "lowface_metrics"}
    assert {name.strip("`") for name in table} == set(registered)
    for name, (variants, arrow, _, needs, source) in table.items():
        component = registered[name.strip("`")]
        assert arrow == ARROWS[component.better]
        assert ("weights" in needs) == bool(component.weights)
        year = re.search(r"(19|20)\d\d", component.source)
        assert year is None or year.group() in source
        assert variants.startswith("`")
    words = {"psnr": psnr.VARIANTS, "lpips": lpips.VARIANTS, "fid": fid.VARIANTS}
    for name, variants in words.items():
        assert re.findall(r"`(\w+)`", table[f"`{name}`"][0]) == list(variants)
    assert [f"`{v}`" in table["`ssim`"][0] for v in ssim.VARIANTS] == [True] * 3 + [False] * 3
    assert re.findall(r"`(\w+):", table["`niqe`"][0]) == list(pristine.GREYS)


def test_every_metric_has_its_warning(page: str) -> None:
    section = " ".join(rows(page, "When not to trust them"))
    for component in plugins().components("metric"):
        if component.package == "lowface_metrics":
            assert f"`{component.name}`" in section


def test_the_measured_table(page: str, shared: Path) -> None:
    """Ten pictures, darkened to 15 … 30 % and rounded to 8 bits, and the same to the power of 0.45."""
    paths = list_images(shared / "data" / "celeba-face" / "normal")[600:610]
    found: dict[str, list[list[float]]] = {"darkened": [], "x^0.45": []}
    for path, gain in zip(paths, torch.linspace(0.15, 0.3, 10), strict=True):
        normal = torch.from_numpy(read_image(path))[None]
        low = (normal * gain).mul(255).round().div(255)
        for name, image in (("darkened", low), ("x^0.45", low**0.45)):
            numbers = [psnr.psnr(image, normal, v).item() for v in psnr.VARIANTS]
            found[name].append(numbers + [ssim.ssim(image, normal, v).item() for v in ssim.VARIANTS])
    table = rows(page, "Two remarks on comparing variants")
    for name, pictures in found.items():
        means = np.mean(pictures, axis=0)
        decibels, similarities = means[: len(psnr.VARIANTS)], means[len(psnr.VARIANTS) :]
        assert table[name] == [f"{v:.1f}" for v in decibels] + [f"{v:.3f}" for v in similarities]
