from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from lowface_core.doctor import environment
from lowface_core.doctor.finding import FAULT, OK, WARNING


@pytest.mark.parametrize(
    ("version", "level"), [((3, 9), FAULT), ((3, 10), OK), ((3, 13), OK), ((3, 14), WARNING), ((4, 0), WARNING)]
)
def test_pythons_version_has_a_level(version: tuple[int, int], level: str) -> None:
    assert environment._python(version).level == level


def test_the_oldest_python_is_pyprojects(root: Path) -> None:
    oldest = ".".join(map(str, environment.PYTHON[0]))
    assert f'requires-python = ">={oldest}"' in (root / "pyproject.toml").read_text()


def test_windows_is_a_fault_with_a_way_out() -> None:
    assert environment._system("Windows").level == FAULT
    assert "WSL" in environment._system("Windows").cure
    assert environment._system("Linux").level == OK


def test_memory_is_the_containers_where_that_is_less(tmp_path: Path) -> None:
    (tmp_path / "limit").write_text(str(2**30))
    assert environment.memory_gib(tmp_path / "limit") == 1.0
    assert environment._memory(1.0).level == WARNING
    (tmp_path / "limit").write_text("max\n")
    whole = environment.memory_gib(tmp_path / "limit")
    assert whole is not None
    assert whole == environment.memory_gib(tmp_path / "gone")
    assert environment._memory(whole).level in (OK, WARNING)
    assert environment._memory(None).level == OK


def test_metadata_of_another_version_and_a_command_of_another_environment_are_warned_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    assert [f.level for f in environment._installation()] == [OK]
    monkeypatch.setattr(environment, "installed", lambda name: "0.0.9")
    monkeypatch.setattr(environment.shutil, "which", lambda name: "/elsewhere/bin/lowface")
    old, other = environment._installation()
    assert (old.level, other.level) == (WARNING, WARNING)
    assert "what is installed is 0.0.9" in old.what
    assert "/elsewhere/bin/lowface" in other.what


@pytest.mark.parametrize(
    ("value", "level"), [("1", OK), ("2", OK), ("3", WARNING), ("0", FAULT), ("-1", FAULT), ("many", FAULT)]
)
def test_the_number_of_threads_has_a_level(monkeypatch: pytest.MonkeyPatch, value: str, level: str) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    (found,) = environment.threads_set(2)
    assert found.level == level
    assert bool(found.cure) == (level != OK)


def test_a_device_that_raises_or_computes_nonsense_is_a_fault() -> None:
    assert environment._computes(torch, "cpu", "here").level == OK
    found = environment._computes(torch, "cuda:77", "not here")
    assert found.level == FAULT
    assert found.what.startswith("cuda:77 (not here) does not compute: ")
    wrong = SimpleNamespace(ones=lambda *size, device: torch.zeros(*size))
    assert environment._computes(wrong, "cpu", "odd").what == "cpu (odd) computes wrong numbers"


def test_a_driver_without_a_torch_that_sees_it_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(environment.shutil, "which", lambda name: f"/usr/bin/{name}")
    found: list[Any] = [f for f in environment.check_devices() if f.level == WARNING and "NVIDIA" in f.what]
    assert len(found) == 1
    assert "sees no GPU" in found[0].what
