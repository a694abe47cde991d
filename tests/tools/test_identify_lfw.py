"""The identification tool: figures of a few people, and what counts as wrong."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch


@pytest.fixture
def tool(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("identify_lfw", root / "tools" / "identify_lfw.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_few_people_are_told_apart(tool, shared: Path, tmp_path: Path, monkeypatch, capsys):
    people = sorted((shared / "data" / "lfw-faces").iterdir())[:5]
    for person in people:
        (tmp_path / "data" / person.name).mkdir(parents=True)
        for file in sorted(person.iterdir())[:2]:
            (tmp_path / "data" / person.name / file.name).symlink_to(file)
    out = tmp_path / "out.json"
    words = [str(tmp_path / "data"), "--weights", str(shared / "weights"), "--json", str(out)]
    monkeypatch.setattr(sys, "argv", ["identify_lfw.py", *words, "--detectors", "retinaface", "mtcnn"])
    tool.main()
    for figures, name in zip(json.loads(out.read_text()), ("retinaface", "mtcnn"), strict=True):
        assert figures["detector"] == name
        assert (figures["people"], figures["probes"]) == (5, 5)
        assert figures["right"] == 5
        assert figures["gallery_recall"] == 1
    assert "5/5" in capsys.readouterr().out


def test_undetected_is_wrong(tool, monkeypatch):
    """Two people, three pictures each; person 1's gallery picture and one probe of person 0 show no face."""

    class Data:
        def __len__(self):
            return 6

        def __getitem__(self, index):
            return {"normal": np.full((3, 4, 4), index, np.float32), "identity": index // 3}

    class Face(torch.nn.Module):
        encoder = SimpleNamespace(dim=2)

        def forward(self, image):
            index = image[:, 0, 0, 0].long()
            found = (index != 3) & (index != 1)
            rows = torch.nn.functional.one_hot(index // 3, 2).float() * found[:, None]
            return SimpleNamespace(embedding=rows, found=found)

    monkeypatch.setattr(tool.lf, "build", lambda kind, name, **arguments: Face())
    figures = tool.identify("mtcnn", Data(), Path("nowhere"))
    assert figures["probes"] == 4
    assert figures["right"] == 1  # picture 2 alone
    assert figures["gallery_recall"] == 0.5
    assert figures["undetected_probes"] == 1
