"""Networks of metrics: one copy, frozen, another one when the file changes."""

from __future__ import annotations

import gc
import hashlib
import os
from pathlib import Path

import torch
from torch import nn

from lowface_metrics.frozen import frozen, marked


def test_one_network_a_file_as_long_as_it_is_held(tmp_path: Path) -> None:
    file, built = tmp_path / "a.pth", []

    def build() -> nn.Module:
        built.append(1)
        return nn.Sequential(nn.Linear(2, 2), nn.Dropout())

    torch.save({}, file)
    first = frozen("net", (file,), build)
    assert frozen("net", (str(file),), build) is first
    assert frozen("other", (file,), build) is not first
    os.utime(file, (1, 1))
    assert frozen("net", (file,), build) is not first
    count = len(built)
    del first
    gc.collect()
    os.utime(file, (1, 1))
    frozen("net", (file,), build)
    assert len(built) == count + 1


def test_it_stays_in_eval_mode_without_gradients(tmp_path: Path) -> None:
    network = frozen("frozen net", (tmp_path / "none",), lambda: nn.Sequential(nn.Linear(2, 2), nn.Dropout()))
    network.train()
    assert not network[1].training
    assert not any(p.requires_grad for p in network.parameters())


def test_only_published_files_go_without_a_mark(tmp_path: Path) -> None:
    a, b = tmp_path / "a.pth", tmp_path / "b.pth"
    a.write_bytes(b"a")
    b.write_bytes(b"b")
    known = hashlib.sha256(b"a").hexdigest()
    assert marked("vgg", [(a, known)]) == marked("vgg", [(a, known[:8])]) == "vgg"
    others = [marked("vgg", files) for files in ([(b, known)], [(a, None)], [(a, known), (b, known)])]
    assert len({"vgg", *others}) == 4
    assert all(len(name) == len("vgg-01234567") for name in others)
    a.write_bytes(b"changed")
    assert marked("vgg", [(a, known)]) != "vgg"
