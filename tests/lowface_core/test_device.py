from __future__ import annotations

import pytest
import torch

from lowface_core.device import out_of_memory, pick
from lowface_core.errors import ConfigError


def test_auto_is_the_best_device_there_is():
    assert pick("auto").type == ("cuda" if torch.cuda.is_available() else pick("auto").type)
    assert pick("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "", "cpu:1", "cuda:99", "meta"])
def test_a_device_that_is_unknown_or_not_here_is_one_line_that_says_what_to_use(name: str):
    with pytest.raises(ConfigError, match=r"^device: .*; use auto") as raised:
        pick(name)
    assert "\n" not in str(raised.value)
    assert repr(name) in str(raised.value)


def test_running_out_of_memory_is_told_from_other_failures():
    with pytest.raises(RuntimeError) as raised:
        torch.empty(2**55)
    assert out_of_memory(raised.value)
    assert out_of_memory(MemoryError())
    assert out_of_memory(torch.OutOfMemoryError("CUDA"))
    assert not out_of_memory(RuntimeError("view size is not compatible with input tensor's memory layout"))
