from __future__ import annotations

import logging

import pytest
import torch
from PIL import Image

import lowface_core as lf


@pytest.fixture(autouse=True)
def as_it_was():
    logger = logging.getLogger("lowface")
    handlers, level = list(logger.handlers), logger.level
    logger.handlers.clear()
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


@pytest.fixture
def words(tmp_path) -> list[str]:
    state = lf.build("enhancer", "retinex").state_dict()
    state["conv.0.bias"][:3] = 1e-40
    torch.save(state, tmp_path / "w.pth")
    Image.new("RGB", (9, 7), (20, 10, 5)).save(tmp_path / "dark.png")
    return ["enhance", "dark.png", "-o", "out", "--checkpoint", "w.pth", "--enhancer", "retinex", "--overwrite"]


def test_a_command_says_how_many_weights_were_flushed(lowface, words, monkeypatch):
    monkeypatch.delenv("LOWFACE_LOG", raising=False)
    for _ in range(2):  # once a run, however often the command line was entered
        done = lowface(*words)
        assert done.code == 0
        assert done.err.startswith("lowface: w.pth: 3 of ")
        assert done.err.endswith(" weights were subnormal and set to zero\n")
        assert done.err.count("\n") == 1


def test_the_level_can_be_chosen(lowface, words, monkeypatch):
    monkeypatch.setenv("LOWFACE_LOG", "Warning")
    assert lowface(*words).err == ""
    monkeypatch.setenv("LOWFACE_LOG", "warn")
    done = lowface(*words)
    assert done.code == 1
    assert done.err == "lowface: LOWFACE_LOG: 'warn' is none of debug, error, info, warning; did you mean 'warning'?\n"


def test_a_program_that_imports_lowface_is_left_alone(words, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    lf.load_enhancer("w.pth", {"type": "retinex"})
    assert capsys.readouterr().err == ""
