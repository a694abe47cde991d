from __future__ import annotations

import pytest
import torch

from lowface_core.errors import LowfaceError
from lowface_core.train import launch


def test_one_process_is_rank_zero_of_one():
    assert launch.start("none", torch.device("cpu")) == (0, 1, torch.device("cpu"))
    assert launch.share("value") == "value"
    launch.barrier()
    launch.stop()


def test_pytorch_without_torchrun_says_how_to_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(LowfaceError, match="start with torchrun"):
        launch.start("pytorch", torch.device("cpu"))
