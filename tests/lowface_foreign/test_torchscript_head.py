"""The head ``torchscript``: archives as heads, and what is refused."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import lowface_core as lf
from lowface_core.errors import ConfigError, WeightsError


class Small(nn.Module):
    """Two answers: features, and what is pooled of them."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 5, 3, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.convolution(x)
        return features.mean((2, 3)), features


@pytest.fixture
def archive(tmp_path: Path) -> tuple[Path, Small]:
    torch.manual_seed(0)
    network = Small().eval()
    path = tmp_path / "small.torchscript"
    torch.jit.trace(network, torch.rand(1, 3, 8, 8)).save(str(path))
    return path, network


def head(path: Path, role: str, **keywords: Any) -> Any:
    return lf.build("head", "torchscript", weights=str(path), role=role, **keywords)


def test_roles(archive: tuple[Path, Small]) -> None:
    path, network = archive
    picture = torch.rand(2, 3, 8, 8, requires_grad=True)
    pooled, features = network(picture)
    found = head(path, "classifier")(picture)
    torch.testing.assert_close(found, pooled)
    found[0, 0].backward()
    assert picture.grad[0].abs().sum() > 0
    torch.testing.assert_close(head(path, "features", outputs=2)(picture, "output_1"), features)
    encoder = head(path, "encoder", input_size=8)
    assert encoder.dim == 5
    torch.testing.assert_close(encoder(picture).norm(dim=1), torch.ones(2))


def test_mistakes_are_one_line(archive: tuple[Path, Small]) -> None:
    path, _ = archive
    with pytest.raises(ConfigError, match="set input_size=112"):
        head(path, "encoder")
    with pytest.raises(WeightsError, match="answers with 2 tensors, not with 3"):
        head(path, "features", outputs=3)(torch.rand(1, 3, 8, 8), "output_0")
    script = path.with_name("other.torchscript")
    torch.jit.trace(nn.Linear(5, 2), torch.rand(1, 5)).save(str(script))
    with pytest.raises(WeightsError, match=r"fails on a picture \(1, 3, 8, 8\)"):
        head(script, "classifier")(torch.rand(1, 3, 8, 8))


class Evil:
    """A pickle that would run a command."""

    def __reduce__(self) -> tuple[Any, ...]:
        return open, ("ran", "w")


def test_what_is_no_archive_is_refused_and_runs_nothing(
    archive: tuple[Path, Small], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path, changed = archive[0], tmp_path / "changed.torchscript"
    with zipfile.ZipFile(path) as good, zipfile.ZipFile(changed, "w") as bad:
        for part in good.infolist():
            evil = part.filename.endswith("data.pkl")
            bad.writestr(part.filename, pickle.dumps(Evil(), protocol=2) if evil else good.read(part))
    with pytest.raises(WeightsError, match="cannot be read as TorchScript"):
        head(changed, "classifier")
    (tmp_path / "state.pt").write_bytes(b"no zip")
    with pytest.raises(WeightsError, match="cannot be read as TorchScript"):
        head(tmp_path / "state.pt", "classifier")
    assert not (tmp_path / "ran").exists()
