"""The doctor as a whole: finds nothing wrong here, and each fault that is planted."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from lowface_core import doctor
from lowface_core.doctor import FAULT, OK, WARNING, Finding
from lowface_core.registry import loader
from lowface_core.weights.record import Record, home, records

AddPlugin = Callable[..., None]
Lowface = Callable[..., Any]


def told(found: dict[str, list[Finding]], level: str = FAULT) -> list[str]:
    """Findings of a level, each with its cure."""
    return [f"{f.what} → {f.cure}" for findings in found.values() for f in findings if f.level == level]


def test_it_finds_no_fault_here_and_has_a_cure_for_whatever_it_warns_of(lowface: Lowface) -> None:
    said = lowface("doctor", "--json")
    content = json.loads(said.out)
    assert said.code == 0, said.out
    assert content["faults"] == 0
    assert set(content["findings"]) == set(doctor.CHECKS)
    every = [f for findings in content["findings"].values() for f in findings]
    assert {f["level"] for f in every} <= {OK, WARNING}
    assert all(f["cure"] for f in every if f["level"] != OK)
    assert all("\n" not in f["what"] + f["cure"] for f in every)
    what = " ".join(f["what"] for f in every)
    for part in ("Python 3.", "torch 2.", "lowface:retinex", "deeplabv3plus/embedded", "device = 'auto' means", "GiB"):
        assert part in what


def plant_broken_plugin(add_plugin: AddPlugin, **_: Any) -> str:
    add_plugin(loads=ImportError("libgone.so is missing"), distribution="broken")
    return "plugin broken:made 1.0 failed to load: ImportError: libgone.so is missing → pip install --upgrade broken"


def plant_missing_package(add_plugin: AddPlugin, **_: Any) -> str:
    add_plugin(loads=ModuleNotFoundError("No module named 'gone'", name="gone"), distribution="broken")
    return "it needs the package 'gone', which is not installed; pip install gone → do that"


def plant_name_clash(add_plugin: AddPlugin, **_: Any) -> str:
    add_plugin({"loss": {"color": nn.Identity}}, distribution="rival")
    return "loss 'color' is claimed by plugins lowface:fidelity, rival:made → write lowface/color or rival/color"


def plant_broken_component(add_plugin: AddPlugin, **_: Any) -> str:
    add_plugin({"loss": {"haze": "json:Gone"}}, distribution="broken")
    return "loss 'haze' of plugin broken:made cannot be imported from 'json:Gone': AttributeError"


def plant_broken_command(add_plugin: AddPlugin, **_: Any) -> str:
    def register_commands(cli: Any) -> None:
        raise RuntimeError("no commands")

    add_plugin({"loss": {"haze": nn.Identity}}, register_commands=register_commands)
    return "plugin stranger:made failed in register_commands: RuntimeError: no commands → update it"


def plant_damaged_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **_: Any) -> str:
    monkeypatch.setenv("LOWFACE_HOME", str(tmp_path))
    record = Record(loader.plugins().find("head", "vgg16"), "imagenet")
    record.path.parent.mkdir(parents=True)
    record.path.write_bytes(b"half a file")
    return f"vgg16/imagenet: {record.path} is damaged or another file; its SHA-256 is wrong → delete it, then: lowface"


def plant_noted_weights_changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **_: Any) -> str:
    monkeypatch.setenv("LOWFACE_HOME", str(tmp_path))
    record = next(r for r in records() if not r.embedded and not r.entry.sha256)
    record.path.parent.mkdir(parents=True)
    record.path.write_bytes(b"other")
    record.noted.write_text("0" * 64 + "  file\n")
    return f"{record.path} is damaged or another file"


def plant_embedded_weights_gone(add_plugin: AddPlugin, **_: Any) -> str:
    facts = {"weights": {"mine": {"file": "weights/gone.safetensors", "package": "json"}}}
    add_plugin({"head": {"mine": (nn.Identity, facts)}}, distribution="broken")
    return "mine/mine: ships with json and is not there → pip install --force-reinstall --no-deps json"


def plant_home_below_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **_: Any) -> str:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LOWFACE_HOME", str(tmp_path / "file" / "home"))
    file = tmp_path / "file"
    return f"cannot be written: {file} is a file, not a folder → set LOWFACE_HOME to a folder of yours"


def _install(name: str, version: str, monkeypatch: pytest.MonkeyPatch, site: Path) -> None:
    facts = site / f"{name}-{version}.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    monkeypatch.syspath_prepend(str(site))


def plant_old_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **_: Any) -> str:
    _install("timm", "0.9.16", monkeypatch, tmp_path)
    return 'timm 0.9.16: lowface needs >=1.0 → pip install "timm>=1.0"'


def plant_package_too_new(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **_: Any) -> str:
    _install("mmengine", "0.11.0", monkeypatch, tmp_path)
    return 'mmengine 0.11.0: lowface needs >=0.10.7,<0.11 → pip install "mmengine>=0.10.7,<0.11"'


def plant_package_that_does_not_import(monkeypatch: pytest.MonkeyPatch, **_: Any) -> str:
    monkeypatch.setitem(sys.modules, "mmseg", None)
    return "mmsegmentation 1.2.2 cannot be imported: it needs the package 'mmseg'"


def plant_misspelt_variable(monkeypatch: pytest.MonkeyPatch, **_: Any) -> str:
    monkeypatch.setenv("LOWFACE_OFLINE", "1")
    return "LOWFACE_OFLINE is set, which lowface does not read → write LOWFACE_OFFLINE"


def plant_nonsense_threads(monkeypatch: pytest.MonkeyPatch, **_: Any) -> str:
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    return "OMP_NUM_THREADS=many: no number of threads → write OMP_NUM_THREADS="


PLANTED = {name.removeprefix("plant_"): plant for name, plant in globals().items() if name.startswith("plant_")}


@pytest.mark.parametrize("name", PLANTED)
def test_it_finds_what_is_planted_and_names_the_cure(
    name: str, add_plugin: AddPlugin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert told(doctor.examine(), FAULT) == []
    expected = PLANTED[name](add_plugin=add_plugin, monkeypatch=monkeypatch, tmp_path=tmp_path)
    faults = told(doctor.examine())
    assert any(expected in fault for fault in faults), faults
    loader.plugins.cache_clear()


def test_five_at_once_are_all_found_and_the_command_says_so(
    lowface: Lowface, add_plugin: AddPlugin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = ("broken_plugin", "name_clash", "home_below_a_file", "old_package", "misspelt_variable")
    expected = [PLANTED[n](add_plugin=add_plugin, monkeypatch=monkeypatch, tmp_path=tmp_path) for n in names]
    monkeypatch.setenv("LOWFACE_STRICT", "1")  # does not keep the doctor from looking
    said = lowface("doctor", "--quiet")
    assert said.code == 1
    assert said.err == ""
    assert said.out.endswith("5 faults found\n")
    lines = " ".join(said.out.split())
    for text in expected:
        assert " ".join(text.split()) in lines


def test_a_nonsense_log_level_is_a_finding_and_not_the_end(lowface: Lowface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOWFACE_LOG", "warn")
    said = lowface("doctor", "-q")
    assert said.code == 1
    assert "LOWFACE_LOG=warn: no such level" in said.out
    assert "did you mean 'warning'?" in said.out


def test_a_check_that_fails_itself_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[Finding]:
        raise RuntimeError("two\nlines")

    monkeypatch.setitem(doctor.CHECKS, "devices", broken)
    found = doctor.examine(["devices"])
    assert told(found)[0].startswith("the examination broke off here: RuntimeError: two lines")


@pytest.mark.parametrize("fault", ["raise ImportError('libtorch_cpu.so: cannot open')", "raise OSError('bad ELF')"])
def test_it_tells_of_a_torch_that_cannot_be_imported_without_a_traceback(
    process: Callable[..., Any], tmp_path: Path, fault: str
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "torch.py").write_text(fault)
    said = process("doctor", "--json", cwd=tmp_path, PYTHONPATH=str(tmp_path / "site"))
    assert said.code == 1
    assert "Traceback" not in said.err
    faults = [f for findings in json.loads(said.out)["findings"].values() for f in findings if f["level"] == FAULT]
    (torch,) = [f for f in faults if f["what"].startswith("torch 2")]
    assert "cannot be imported" in torch["what"]
    assert torch["cure"].startswith('pip install --force-reinstall "torch>=')
    assert any(f["what"].startswith("torch cannot be imported: ") for f in faults)


def test_leftovers_of_downloads_are_warned_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOWFACE_HOME", str(tmp_path))
    (tmp_path / "lowface").mkdir()
    (tmp_path / "lowface" / "vgg16-imagenet.pth.part").write_bytes(b"x")
    (tmp_path / "lowface" / "vgg16-imagenet.pth.wrong").write_bytes(b"x")
    found = told(doctor.examine(["weights"]), WARNING)
    assert len(found) == 2
    assert "lowface weights fetch continues it" in found[0]
    assert home() == tmp_path


def test_weights_of_an_optional_package_that_is_not_installed_are_only_warned_of(add_plugin: AddPlugin) -> None:
    facts = {"weights": {"mine": {"file": "weights/gone.safetensors", "package": "gone_package"}}}
    add_plugin({"head": {"mine": (nn.Identity, facts)}}, distribution="optional")
    found = doctor.examine(["weights"])
    assert told(found) == []
    assert told(found, WARNING) == [
        "mine/mine: ships with the package 'gone_package', which is not installed → "
        "pip install gone_package, if you want to use head 'mine'"
    ]
