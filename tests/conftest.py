"""Fixtures that several test packages share."""

from __future__ import annotations

import importlib
import importlib.util
import json
import logging
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
DARKENING = {"type": "linear", "low": 0.1, "high": 0.3}
FACES = {"type": "rendered_faces", "size": 32, "identities": 4, "pictures": 2, "degradation": DARKENING}
TINY: dict[str, Any] = {
    "enhancer": {"type": "retinex", "channels": 4, "illumination_channels": 1, "init": "he"},
    "losses": {
        "brightness_cr": {"type": "brightness_cr", "weight": 1.0, "eps": 0.05},
        "color": {"type": "color", "weight": 0.5},
        "smoothness": {"type": "smoothness", "weight": 0.05},
    },
    "train_dataset": {**FACES, "contrast": True},
    "max_iters": 2,
    "batch_size": 2,
    "lr": 1e-3,
    "device": "cpu",
    "samples": 1,
}
MEASURED: dict[str, Any] = {
    "val_dataset": {**FACES, "first_identity": 100, "identities": 2, "pictures": 1},
    "test_dataset": {**FACES, "first_identity": 200, "identities": 2, "pictures": 1},
    "metrics": {"psnr": {"type": "psnr"}},
}


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


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """What a test, or a library it imports, does to lowface's log lines ends with the test."""
    logger = logging.getLogger("lowface")
    before = logger.level, logger.propagate, logger.disabled, logging.root.manager.disable
    yield
    logger.setLevel(before[0])
    logger.propagate, logger.disabled, logging.root.manager.disable = before[1:]


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
def python() -> Callable[..., Done]:
    """Runs this Python, ``python("-c", code)``, as a process and waits for it; ``env`` is added to the environment."""

    def run(*words: Any, cwd: Path | None = None, **env: str) -> Done:
        every = {**os.environ, "OMP_NUM_THREADS": "1", **env}
        command = [sys.executable, *map(str, words)]
        done = subprocess.run(command, cwd=cwd, env=every, capture_output=True, text=True, timeout=1500, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def pip_install(python: Callable[..., Done]) -> Callable[..., str]:
    """Installs folders or wheels with pip into a folder, which is to be put on PYTHONPATH: ``pip_install(site, …)``."""

    def install(site: Path, *what: Any) -> str:
        flags = ("--no-deps", "--no-build-isolation", "--no-index", "-q", "--disable-pip-version-check")
        done = python("-m", "pip", "install", *flags, "--target", site, *what)
        assert done.code == 0, done.err
        return str(site)

    return install


@pytest.fixture(scope="session")
def ruff(python: Callable[..., Done]) -> Callable[[Path], str]:
    """What ruff finds in a folder, and what it would format there."""
    pytest.importorskip("ruff")

    def run(folder: Path) -> str:
        every = [
            python("-m", "ruff", *w, "-q", "--no-cache", ".", cwd=folder) for w in (("check",), ("format", "--check"))
        ]
        return "".join(done.out + done.err for done in every)

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
def process(python: Callable[..., Done]) -> Callable[..., Done]:
    """Runs ``lowface`` as a process of its own and waits for it."""

    return lambda *words, module="lowface_core", **where: python("-m", *module.split(), *words, **where)


@pytest.fixture
def write_config(tmp_path: Path) -> Callable[..., Path]:
    """Writes ``tiny.json`` into the test's folder; keywords replace top-level names, ``measured`` adds val and test."""

    def write(measured: bool = False, **changes: Any) -> Path:
        path = tmp_path / "tiny.json"
        path.write_text(json.dumps({**TINY, **(MEASURED if measured else {}), **changes}))
        return path

    return write


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
