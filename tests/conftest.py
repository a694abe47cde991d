"""Fixtures that several test packages share."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data, weights and reference arrays beside the checkout; skips without them, except in CI, which has them."""
    folder = Path(os.environ.get("LOWFACE_SHARED", ROOT.parent / "shared"))
    if not (folder / "oracle").is_dir():
        if os.environ.get("LOWFACE_REQUIRE_SHARED"):
            pytest.fail(f"{folder} is missing and LOWFACE_REQUIRE_SHARED is set")
        pytest.skip(f"needs the shared data folder {folder}")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Weights and encoded galleries go to a folder of the test run, not to the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOWFACE_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@dataclass
class Done:
    """How a command ended: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


@pytest.fixture
def lowface(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Done]:
    """Runs the command line in this process, by its entry point, in the test's folder."""
    from lowface_core.cli import main

    def run(*words: Any) -> Done:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["lowface", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsys.readouterr()
        return Done(int(stopped.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[str]]:
    """Starts ``lowface`` as a process, in a process group of its own; ``env`` is added to the environment."""

    def popen(*words: Any, cwd: Path, module: str = "lowface_core", **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *module.split(), *map(str, words)],
            cwd=cwd,
            env={**os.environ, "OMP_NUM_THREADS": "1", **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return popen


@pytest.fixture(scope="session")
def process(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., Done]:
    """Runs ``lowface`` as a process of its own and waits for it."""

    def run(*words: Any, cwd: Path, **env: str) -> Done:
        with start(*words, cwd=cwd, **env) as running:
            out, err = running.communicate(timeout=1200)
        return Done(running.returncode, out, err)

    return run


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Installs a package as pip would leave it: ``stranger("haze-free", source, parts="…")`` → the site folder.

    ``source`` is its ``__init__.py``, further keywords are modules of it. This process sees it at once; another
    one with the folder on ``PYTHONPATH``.
    """
    from lowface_core.registry.loader import plugins

    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    made = []

    def install(distribution: str, source: str, entry: str = "plugin", version: str = "1.0", **modules: str) -> Path:
        package = distribution.replace("-", "_")
        made.append(package)
        (site / package).mkdir()
        for name, text in {"__init__": source, **modules}.items():
            (site / package / f"{name}.py").write_text(text)
        facts = site / f"{package}-{version}.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (facts / "entry_points.txt").write_text(f"[lowface]\n{entry} = {package}\n")
        importlib.invalidate_caches()
        plugins.cache_clear()
        return site

    plugins.cache_clear()
    yield install
    plugins.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] in made]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def tool() -> Callable[[str], ModuleType]:
    """A module of tools/, which is not a package, by its name."""
    return lambda name: _module(ROOT / "tools" / f"{name}.py")


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def layouts(shared: Path) -> dict[str, dict[str, list[int]]]:
    """Keys and shapes of the released checkpoints, by their file names."""
    return json.loads((shared / "oracle" / "checkpoint_layouts.json").read_text())


@pytest.fixture(scope="session")
def oracle_weights(shared: Path) -> Callable[[dict[str, Tensor]], dict[str, Tensor]]:
    """Fills a state dict with the deterministic weights that the reference arrays were computed with."""
    return _module(shared / "oracle" / "fill.py").fill


@pytest.fixture(scope="session")
def released(shared: Path) -> dict[str, Tensor]:
    """Inputs, losses and gradients of the released losses; pictures as (N,3,H,W)."""
    arrays = np.load(shared / "oracle" / "losses_released_code.npz")
    tensors = {key: torch.from_numpy(np.asarray(arrays[key])) for key in arrays.files}
    return {key: value.permute(0, 3, 1, 2) if value.ndim == 4 else value for key, value in tensors.items()}


@pytest.fixture(scope="session")
def as_released(released: dict[str, Tensor]) -> Callable[..., None]:
    """Asserts that a loss has the number and the gradient of the released code.

    Takes the loss's name in the arrays, the loss as a function of one picture, that picture's name, and the precision.
    """

    def check(
        name: str, loss: Callable[[Tensor], Tensor], of: str = "enhanced", dtype: torch.dtype = torch.float32
    ) -> None:
        picture = released[of].to(dtype, copy=True).requires_grad_()
        value = loss(picture)
        (gradient,) = torch.autograd.grad(value, picture)
        assert float(value.detach()) == pytest.approx(float(released[f"loss/{name}"]), rel=1e-4)
        reference = released[f"grad/{name}"]
        assert float((gradient - reference).norm() / reference.norm()) < 1e-3

    return check


@pytest.fixture(scope="session")
def oracle_vgg(released: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights file of the VGG-16 behind the arrays; skipped where the installed torch draws other numbers."""
    torchvision = pytest.importorskip("torchvision")
    with torch.random.fork_rng():
        torch.manual_seed(int(released["vgg16_seed"]))
        network = torchvision.models.vgg16(weights=None)
    state = network.state_dict()
    total = sum(float(value.double().sum()) for value in state.values())
    if abs(total - float(released["vgg16_sum"])) > 1e-3:
        pytest.skip(f"torch {torch.__version__} draws other VGG-16 weights: they sum to {total:.3f}")
    path = tmp_path_factory.mktemp("vgg") / "vgg16.pth"
    torch.save({key: value for key, value in state.items() if key.startswith("features.")}, path)
    return path


@pytest.fixture
def parse_command() -> Callable[[str], None]:
    """Parses a line ``lowface …`` as the command line would; raises a usage error for what it would refuse."""
    import click

    from lowface_core.cli import add_plugin_commands, cli

    add_plugin_commands()

    def parse(line: str) -> None:
        command: click.Command = cli
        words = shlex.split(line)[1:]
        while isinstance(command, click.Group):
            command = command.commands[words.pop(0)]
        command.make_context(line, words)

    return parse


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless Chromium that asks the network for nothing by itself and logs console and requests; skips without."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next((path for name in names if (path := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("needs Chromium and chromedriver on the PATH, and at least one is absent")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (
        "headless",
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "hide-scrollbars",
        f"user-data-dir={tmp_path_factory.mktemp('browser')}",
    ):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    started.set_page_load_timeout(60)
    yield started
    started.quit()
