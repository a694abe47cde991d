from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from lowface_core.doctor import devices
from lowface_core.doctor.finding import FAULT, OK, WARNING


@pytest.mark.parametrize(
    ("value", "level"), [("1", OK), ("2", OK), ("3", WARNING), ("0", FAULT), ("-1", FAULT), ("many", FAULT)]
)
def test_the_number_of_threads_is_judged(monkeypatch: pytest.MonkeyPatch, value: str, level: str) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    (found,) = devices.threads_set(2)
    assert found.level == level
    assert bool(found.cure) == (level != OK)


def test_a_device_that_raises_or_computes_nonsense_is_a_fault() -> None:
    assert devices._computes(torch, "cpu", "here").level == OK
    found = devices._computes(torch, "cuda:77", "not here")
    assert found.level == FAULT
    assert found.what.startswith("cuda:77 (not here) does not compute: ")
    wrong = SimpleNamespace(ones=lambda *size, device: torch.zeros(*size))
    assert devices._computes(wrong, "cpu", "odd").what == "cpu (odd) computes wrong numbers"


def test_a_driver_without_a_torch_that_sees_it_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(devices.shutil, "which", lambda name: f"/usr/bin/{name}")
    found: list[Any] = [f for f in devices.check() if f.level == WARNING and "NVIDIA" in f.what]
    assert len(found) == 1
    assert "sees no GPU" in found[0].what
