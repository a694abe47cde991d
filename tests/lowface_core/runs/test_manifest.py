from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from lowface_core.runs.manifest import git_commit, manifest


def test_a_manifest_is_plain_data(resolved: Callable[..., dict[str, Any]]):
    facts = manifest(resolved(), {"train_dataset": [1, 2]}, torch.device("cpu"), world=2)
    assert json.loads(json.dumps(facts)) == facts
    assert facts["data"] == {"train_dataset": "list:2"}
    assert facts["processes"] == 2
    assert facts["weights"] == {}


def test_there_is_no_commit_outside_a_checkout(tmp_path: Path):
    assert git_commit(tmp_path) is None
