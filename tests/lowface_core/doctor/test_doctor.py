"""The doctor as a whole: finds nothing wrong here, and each fault that is planted."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from lowface_core import doctor
from lowface_core.doctor import FAULT, OK, WARNING, Finding
from lowface_core.registry import loader
from lowface_core.weights.record import home, records

AddPlugin = Callable[..., None]
Lowface = Callable[..., Any]


def findings(found: dict[str, list[Finding]], level: str = FAULT) -> list[str]:
    """Findings of a level, each with its cure."""
    return [f"{f.what} → {f.cure}" for every in found.values() for f in every if f.level == level]


def test_it_finds_no_fault_here_and_has_a_cure_for_whatever_it_warns_of(lowface: Lowface) -> None:
    done = lowface("doctor", "--json")
    content = json.loads(done.out)
    assert done.code == 0, done.out
    assert content["faults"] == 0
    assert set(content["findings"]) == set(doctor.CHECKS)
    every = [f for findings in content["findings"].values() for f in findings]
    assert {f["level"] for f in every} <= {OK, WARNING}
    assert all(f["cure"] for f in every if f["level"] != OK)
    assert all("\n" not in f["what"] + f["cure"] for f in every)
    what = " ".join(f["what"] for f in every)
    for part in ("Python 3.", "torch 2.", "lowface:retinex", "deeplabv3plus/embedded", "device = 'auto' means", "GiB"):
        assert part in what


@dataclass
class Here:
    """Where faults are planted: plugins, variables, a folder."""

    plugin: AddPlugin
    patch: pytest.MonkeyPatch
    folder: Path

    def env(self, name: str, value: str) -> None:
        self.patch.setenv(name, value)

    def loss(self, name: str = "haze", factory: Any = nn.Identity, **more: Any) -> None:
        self.plugin({"loss": {name: factory}}, **more)

    def weights(self, package: str) -> None:
        facts = {"weights": {"mine": {"file": "weights/gone.safetensors", "package": package}}}
        self.plugin({"head": {"mine": (nn.Identity, facts)}})

    def stored(self, note: str = "") -> None:
        """Another file in the place of weights: whose hash is on record, or was noted."""
        self.env("LOWFACE_HOME", str(self.folder))
        record = next(r for r in records() if not r.embedded and bool(r.entry.sha256) != bool(note))
        record.path.parent.mkdir(parents=True)
        record.path.write_bytes(b"half a file")
        if note:
            record.noted.write_text(f"{note}  file\n")

    def home_below_a_file(self) -> None:
        (self.folder / "file").write_text("")
        self.env("LOWFACE_HOME", str(self.folder / "file" / "home"))

    def package(self, name: str, version: str) -> None:
        facts = self.folder / f"{name}-{version}.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        self.patch.syspath_prepend(str(self.folder))


@pytest.fixture
def here(add_plugin: AddPlugin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Here:
    return Here(add_plugin, monkeypatch, tmp_path)


def no_commands(cli: Any) -> None:
    raise RuntimeError("no commands")


GONE = ModuleNotFoundError("No module named 'gone'", name="gone")
#: How a fault is planted, and a part of the finding with its cure. The first six go together.
PLANTED: list[tuple[Callable[[Here], None], str]] = [
    (lambda at: at.plugin(loads=ImportError("libgone.so"), entry="b"), "libgone.so → pip install --upgrade stranger"),
    (lambda at: at.loss("color"), "plugins lowface:fidelity, stranger:made → write lowface/color or stranger/color"),
    (Here.home_below_a_file, "/file is a file, not a folder → set LOWFACE_HOME to a folder of yours"),
    (lambda at: at.package("timm", "0.9.16"), 'timm 0.9.16: lowface needs >=1.0 → pip install "timm>=1.0"'),
    (lambda at: at.env("LOWFACE_OFLINE", "1"), "LOWFACE_OFLINE is set, which lowface does not read → write LOW"),
    (lambda at: at.env("LOWFACE_LOG", "warn"), "LOWFACE_LOG=warn: no such level → "),
    (lambda at: at.plugin(loads=GONE), "needs the package 'gone', which is not installed; pip install gone → do"),
    (lambda at: at.loss("haze", "json:Gone"), "stranger:made cannot be imported from 'json:Gone': AttributeError"),
    (lambda at: at.loss(register_commands=no_commands), "in register_commands: RuntimeError: no commands → update it"),
    (Here.stored, ".pth is damaged or another file; its SHA-256 is wrong → delete it, then: lowface"),
    (lambda at: at.stored("0" * 64), " is damaged or another file"),
    (lambda at: at.weights("json"), "ships with json and is not there → pip install --force-reinstall --no-deps json"),
    (lambda at: at.package("mmengine", "0.11.0"), "mmengine 0.11.0: lowface needs >=0.10.7,<0.11 → pip install "),
    (lambda at: at.patch.setitem(sys.modules, "mmseg", None), "mmsegmentation 1.2.2 cannot be imported: it"),
    (lambda at: at.env("OMP_NUM_THREADS", "many"), "=many: no number of threads → write OMP_NUM_THREADS="),
]


@pytest.mark.parametrize(("plant", "expected"), PLANTED)
def test_it_finds_what_is_planted_and_names_the_cure(plant: Callable[[Here], None], expected: str, here: Here) -> None:
    assert findings(doctor.examine(), FAULT) == []
    plant(here)
    faults = findings(doctor.examine())
    assert any(expected in fault for fault in faults), faults
    loader.plugins.cache_clear()


def test_six_at_once_are_all_found_and_the_command_says_so(lowface: Lowface, here: Here) -> None:
    for plant, _ in PLANTED[:6]:
        plant(here)
    here.env("LOWFACE_STRICT", "1")  # does not keep the doctor from looking, nor does the log level
    done = lowface("doctor", "--quiet")
    assert (done.code, done.err) == (1, "")
    assert done.out.endswith("6 faults found\n")
    lines = " ".join(done.out.split())
    assert [expected for _, expected in PLANTED[:6] if expected.strip() not in lines] == []


def test_a_check_that_fails_itself_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[Finding]:
        raise RuntimeError("two\nlines")

    monkeypatch.setitem(doctor.CHECKS, "devices", broken)
    found = doctor.examine(["devices"])
    assert findings(found)[0].startswith("the examination broke off here: RuntimeError: two lines")


@pytest.mark.parametrize("fault", ["raise ImportError('libtorch_cpu.so: cannot open')", "raise OSError('bad ELF')"])
def test_it_finds_a_torch_that_cannot_be_imported_without_a_traceback(process: Any, tmp_path: Path, fault: str) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "torch.py").write_text(fault)
    done = process("doctor", "--json", cwd=tmp_path, PYTHONPATH=str(tmp_path / "site"))
    assert done.code == 1
    assert "Traceback" not in done.err
    faults = [f for findings in json.loads(done.out)["findings"].values() for f in findings if f["level"] == FAULT]
    (torch,) = [f for f in faults if f["what"].startswith("torch 2")]
    assert "cannot be imported" in torch["what"]
    assert torch["cure"].startswith('pip install --force-reinstall "torch>=')
    assert any(f["what"].startswith("torch cannot be imported: ") for f in faults)


def test_leftovers_of_downloads_are_warned_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOWFACE_HOME", str(tmp_path))
    (tmp_path / "lowface").mkdir()
    (tmp_path / "lowface" / "vgg16-imagenet.pth.part").write_bytes(b"x")
    (tmp_path / "lowface" / "vgg16-imagenet.pth.wrong").write_bytes(b"x")
    found = findings(doctor.examine(["weights"]), WARNING)
    assert len(found) == 2
    assert "lowface weights fetch continues it" in found[0]
    assert home() == tmp_path


def test_weights_of_an_optional_package_that_is_not_installed_are_only_warned_of(here: Here) -> None:
    here.weights("gone_package")
    found = doctor.examine(["weights"])
    assert findings(found) == []
    (warning,) = findings(found, WARNING)
    assert "package 'gone_package', which is not installed → pip install gone_package, if you want to use" in warning
