from __future__ import annotations

import os
import signal
import threading

import pytest
import torch

from lowface_core.train.launch import Interrupt

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
