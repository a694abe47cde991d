"""The whole path of a plugin author in a fresh environment: wheel, new-plugin, install, test, list, train, remove."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.data.images import write_image
from lowface_core.registry.registration import KINDS
from lowface_core.testing import tiny_dataset

pytestmark = pytest.mark.slow


class Shop:
    """A virtual environment with lowface from its wheel; torch and the other dependencies are those of this one."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        venv.create(folder / "venv", symlinks=True, with_pip=False)
        bin_ = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        self.python = bin_ / "python"
        site = self.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
        # a path alone, so that what is installed there editable, lowface itself above all, is not found
        parents = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        Path(site, "parent.pth").write_text("\n".join(sorted(parents)))
        self.site = site
        self.pip("install", "--no-deps", "--ignore-installed", str(wheel))

    def run(self, *words: Any, cwd: Path | None = None) -> str:
        env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "LOWFACE_PLUGINS", "VIRTUAL_ENV")}
        env |= {"LOWFACE_HOME": str(self.folder.parent / "home"), "OMP_NUM_THREADS": "1", "PYTHONSAFEPATH": "1"}
        done = subprocess.run(
            [str(self.python), *map(str, words)],
            cwd=cwd or self.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    def lowface(self, *words: Any, cwd: Path | None = None) -> str:
        return self.run("-m", "lowface_core", *words, cwd=cwd)

    def pip(self, *words: Any, cwd: Path | None = None) -> str:
        return self.run("-m", "pip", "--disable-pip-version-check", "-q", *words, cwd=cwd)

    def listed(self) -> dict[str, Any]:
        done = self.run("-c", _LISTED)
        return {row["distribution"]: row for row in json.loads(done) if row["distribution"] in NAMES.values()}


#: As ``lowface list-plugins --json``, whose exit code is 1 where the environment around holds a broken plugin.
_LISTED = """
import json, subprocess, sys
done = subprocess.run([sys.executable, "-m", "lowface_core", "list-plugins", "--json"], capture_output=True, text=True)
print(done.stdout)
"""
NAMES = {kind: f"lowface-path-{kind}" for kind in KINDS}


@pytest.fixture(scope="module")
def shop(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("shop"), wheel)


@pytest.fixture(scope="module")
def made(shop: Shop) -> dict[str, dict[str, Any]]:
    """A package of each kind, made by the installed command and installed editable."""
    where = shop.run("-c", "import lowface_core; print(lowface_core.__file__)")
    assert Path(where.strip()).is_relative_to(shop.site)
    facts = {
        kind: json.loads(shop.lowface("new-plugin", name, "--kind", kind, "--json")) for kind, name in NAMES.items()
    }
    flags = ["--no-deps", "--no-index", "--no-build-isolation"]
    shop.pip("install", *flags, *(word for name in NAMES.values() for word in ("-e", name)))
    return facts


def test_each_is_listed_with_what_it_offers(shop: Shop, made: dict[str, Any]) -> None:
    rows = shop.listed()
    for kind, name in NAMES.items():
        assert rows[name]["status"] == "ok"
        assert rows[name]["components"] == [{"kind": kind, "name": f"path_{kind}"}]


@pytest.mark.parametrize("kind", KINDS)
def test_each_passes_its_own_tests_and_trains_two_iterations(shop: Shop, made: dict[str, Any], kind: str) -> None:
    folder = shop.folder / NAMES[kind]
    printed = shop.run("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=folder)
    assert " passed" in printed
    assert "failed" not in printed
    options = ["max_iters=2", "batch_size=2", "val_dataset.identities=2", "test_dataset.identities=2", "samples=1"]
    if kind == "dataset":
        for item in tiny_dataset(4).gallery():
            write_image(shop.folder / "pictures" / f"{item['key']}.png", item["normal"])
        options.append(f"data_root={shop.folder / 'pictures'}")
    config, run = f"configs/path_{kind}.py", shop.folder / "runs" / kind
    shop.lowface("train", config, "--work-dir", run, "--cfg-options", *options, cwd=folder)
    summary = json.loads((run / "summary.json").read_text())
    assert summary["iterations"] == 2
    assert summary["test"]["enhanced"]["psnr"] > 0
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["plugins"][f"{NAMES[kind]}:path_{kind}"]["status"] == "ok"
    if kind == "metric":
        assert 0 < summary["test"]["low"]["path_metric"] < summary["test"]["normal"]["path_metric"]
    if kind == "loss":
        line = json.loads((run / "metrics.jsonl").read_text().splitlines()[0])
        assert line["loss/path_loss"] > 0


def test_uninstalled_they_are_gone(shop: Shop, made: dict[str, Any]) -> None:
    assert set(shop.listed()) == set(NAMES.values())
    shop.pip("uninstall", "-y", *NAMES.values())
    assert shop.listed() == {}
    shop.lowface("config", "check", "lowfacenet")


def test_ruff_finds_nothing(shop: Shop, made: dict[str, Any], ruff: Callable[[Path], str]) -> None:
    for name in NAMES.values():
        assert ruff(shop.folder / name) == ""
