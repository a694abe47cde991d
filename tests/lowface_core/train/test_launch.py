from __future__ import annotations

import os
import signal
import threading

import pytest
import torch

from lowface_core.errors import LowfaceError
from lowface_core.train import launch
from lowface_core.train.launch import Interrupt


def test_one_process_is_rank_zero_of_one():
    assert launch.start("none", torch.device("cpu")) == (0, 1, torch.device("cpu"))
    assert launch.share("value") == "value"
    launch.barrier()
    launch.stop()


def test_pytorch_without_torchrun_says_how_to_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(LowfaceError, match="start with torchrun"):
        launch.start("pytorch", torch.device("cpu"))


CPU = torch.device("cpu")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_raises_a_flag_only(number: signal.Signals):
    before = signal.getsignal(number)
    with Interrupt() as interrupt:
        assert not interrupt.agreed(CPU)
        os.kill(os.getpid(), number)
        assert interrupt.agreed(CPU)
    assert signal.getsignal(number) is before


def test_a_second_ctrl_c_ends_at_once():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell starts in the background
    with Interrupt():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_thread_may_train_without_signals():
    flags: list[bool] = []

    def work() -> None:
        with Interrupt() as interrupt:
            flags.append(interrupt.agreed(CPU))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert flags == [False]
