"""A stranger's package, installed by pip, has every door that the shipped parts have; broken ones harm nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "{name}"
version = "{version}"
[project.entry-points.lowface]
{entry} = "{module}"
[tool.setuptools]
packages = ["{module}"]
"""

GOOD = '''
"""A loss on the enhanced picture, a head, and a loss through it."""
import lowface_core as lf


@lf.hookimpl
def register_losses(register):
    register("dark_channel", "haze_free.parts:DarkChannel")
    register("redness", "haze_free.parts:Redness")


@lf.hookimpl
def register_heads(register):
    register("mean_colour", "haze_free.parts:MeanColour")
'''

PARTS = '''
from torch import nn


class DarkChannel(nn.Module):
    """Mean of the darkest channel."""

    def __init__(self, target: float = 0.5):
        super().__init__()
        self.target = target

    def forward(self, enhanced):
        return (enhanced.amin(1) - self.target).square().mean()


class MeanColour(nn.Module):
    """Mean of each channel."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(3, 3)

    def forward(self, image):
        return self.mix(image.mean((2, 3)))


class Redness(nn.Module):
    """How far the enhanced picture's mean colour is from the positive's, through a head."""

    def forward(self, enhanced, positive, eye):
        return (eye(enhanced) - eye(positive)).square().mean()
'''

MISSPELT = """
import lowface_core as lf


@lf.hookimpl
def register_loses(register):
    register("never", dict)
"""

RIVAL = """
import lowface_core as lf
from torch import nn


class Rival(nn.Module):
    def forward(self, enhanced):
        return enhanced.mean()


@lf.hookimpl
def register_losses(register):
    register("dark_channel", Rival)
"""

PACKAGES = {
    "haze-free": ("haze_free", {"__init__.py": GOOD, "parts.py": PARTS}),
    "broken-import": ("broken_import", {"__init__.py": "import a_module_that_is_not_installed\n"}),
    "misspelt-hook": ("misspelt_hook", {"__init__.py": MISSPELT}),
    "rival-haze": ("rival_haze", {"__init__.py": RIVAL}),
}


@pytest.fixture(scope="module")
def installed(pip_install: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The four packages, installed by pip into a folder of their own, which is to be put on PYTHONPATH."""
    root = tmp_path_factory.mktemp("strangers")
    for name, (module, files) in PACKAGES.items():
        folder = root / name
        (folder / module).mkdir(parents=True)
        text = PROJECT.format(name=name, version="1.2", entry="plugin", module=module)
        (folder / "pyproject.toml").write_text(text)
        for file, content in files.items():
            (folder / module / file).write_text(content)
    return pip_install(root / "site", *(root / name for name in PACKAGES))


@pytest.fixture(scope="module")
def rows(installed: str, process: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``list-plugins --json`` says of them."""
    done = process("list-plugins", "--json", cwd=tmp_path_factory.getbasetemp(), PYTHONPATH=installed)
    assert done.code == 1  # some failed
    return {row["plugin"]: row for row in json.loads(done.out)}


def test_the_package_is_listed_with_what_it_offers(rows: dict[str, Any]):
    assert rows["haze-free:plugin"] == {
        "plugin": "haze-free:plugin",
        "distribution": "haze-free",
        "version": "1.2",
        "status": "ok",
        "error": None,
        "components": [
            {"kind": "loss", "name": "dark_channel"},
            {"kind": "loss", "name": "redness"},
            {"kind": "head", "name": "mean_colour"},
        ],
        "burdens": [],
    }


def test_broken_packages_are_listed_with_their_causes_and_the_others_are_well(rows: dict[str, Any]):
    failed = {key: row["error"] for key, row in rows.items() if row["status"] == "failed"}
    assert set(failed) == {"broken-import:plugin", "misspelt-hook:plugin"}
    assert failed["broken-import:plugin"] == (
        "it needs the package 'a_module_that_is_not_installed', which is not installed; "
        "pip install a_module_that_is_not_installed"
    )
    assert "unknown hook 'register_loses'" in failed["misspelt-hook:plugin"]
    assert all(not rows[key]["components"] for key in failed)
    assert rows["rival-haze:plugin"]["status"] == "ok"
    assert rows["lowface:retinex"]["status"] == "ok"


def test_its_loss_and_head_train_from_a_config_beside_the_shipped_ones(
    installed: str, process: Callable[..., Any], write_config: Callable[..., Path], tmp_path: Path
):
    losses = {
        "haze": {"type": "haze-free/dark_channel", "weight": 0.5, "target": 0.4},
        "rival": {"type": "rival-haze/dark_channel", "weight": 0.1},
        "redness": {"type": "redness"},
        "color": {"type": "color"},
    }
    config = write_config(losses=losses, heads={"eye": {"type": "mean_colour"}}, log_interval=1)
    done = process("train", config, "--work-dir", "run", "--json", cwd=tmp_path, PYTHONPATH=installed)
    assert done.code == 0, done.err
    assert json.loads(done.out)["iterations"] == 2
    line = json.loads((tmp_path / "run" / "metrics.jsonl").read_text().splitlines()[-1])
    assert {"loss/haze", "loss/rival", "loss/redness", "loss/color"} <= set(line)
    content = torch.load(tmp_path / "run" / "last.pth", weights_only=True)
    assert not any("mix" in key for key in content["model"])
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["plugins"]["haze-free:plugin"] == {"version": "1.2", "status": "ok"}
    assert manifest["plugins"]["broken-import:plugin"]["status"] == "failed"


def test_asking_by_a_bare_name_that_two_claim_or_a_failed_plugin_might_is_one_line_each(
    installed: str, process: Callable[..., Any], write_config: Callable[..., Path], tmp_path: Path
):
    losses = {"a": {"type": "dark_channel"}, "b": {"type": "never"}}
    done = process("train", write_config(losses=losses), "--work-dir", "run", cwd=tmp_path, PYTHONPATH=installed)
    assert done.code == 1
    first, second = done.err.splitlines()
    assert first == (
        "lowface: losses.a.type: loss 'dark_channel' is claimed by 2 plugins; "
        "write haze-free/dark_channel or rival-haze/dark_channel"
    )
    assert second.startswith("losses.b.type: unknown loss 'never'")
    assert "plugin misspelt-hook:plugin failed to load and may have offered it: " in second
    assert "plugin broken-import:plugin failed to load and may have offered it: it needs the package" in second
    assert not (tmp_path / "run").exists()
