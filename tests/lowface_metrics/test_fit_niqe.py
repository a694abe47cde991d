"""The command that makes a pristine model, from pictures to a judged picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import lowface_core as lf
from lowface_core.data.images import write_image
from lowface_metrics.fit_niqe import main


def test_a_model_of_ones_own_pictures(faces: list[np.ndarray], tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    for index, face in enumerate(faces[:15]):
        write_image(tmp_path / "good" / f"{index}" / "face.png", face)
    model = tmp_path / "faces.npz"
    assert main([str(tmp_path / "good"), str(model), "--name", "celeba"]) == 0
    printed = capsys.readouterr().out
    metric = lf.build("metric", "niqe", weights=str(model))
    assert printed.strip() == f"{model}: {metric.variant.removeprefix('released:')}"
    assert metric.variant.startswith("released:celeba-")
    judged = metric.update(image=torch.from_numpy(faces[15])[None])["niqe"]
    assert 0 < judged.item() < 20


@pytest.mark.parametrize(("words", "part"), [(["nowhere", "m.npz"], "nowhere"), (["empty", "m.npz"], "holds no pict")])
def test_mistakes_are_one_line(
    words: list[str], part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert main(words) == 1
    error = capsys.readouterr().err
    assert part in error
    assert error.count("\n") == 1
    assert not (tmp_path / "m.npz").exists()
