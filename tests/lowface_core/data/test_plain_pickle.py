"""Pickles: plain data are read as pickle reads them, and everything else is refused without running anything."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.data.plain_pickle import read_plain_pickle
from lowface_core.errors import DataError

PICTURE = bytes(range(256)) * 300
PLAIN = ([b"", b"ab", PICTURE, PICTURE], [True, False], (), (b"x",), (True, (b"y", b"z"), []))


class Runs:
    """Unpickled by anybody else, it makes a folder."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_plain_data_are_what_pickle_reads(tmp_path: Path, protocol: int) -> None:
    path = written(tmp_path / "a.bin", pickle.dumps(PLAIN, protocol))
    assert read_plain_pickle(path) == PLAIN
    assert read_plain_pickle(path)[0][2] is not None


#: What Python 2 writes of (["\xff\xd8a", "b"], [True, False]) in two of its protocols, byte for byte.
PYTHON_2 = {
    1: b"(]q\x00(U\x03\xff\xd8aq\x01U\x01bq\x02e]q\x03(I01\nI00\netq\x04.",
    2: b"\x80\x02]q\x00(U\x03\xff\xd8aq\x01T\x01\x00\x00\x00bq\x02e]q\x03(\x88\x89e\x86q\x04.",
}


@pytest.mark.parametrize("protocol", PYTHON_2)
def test_texts_of_python_2_are_bytes(tmp_path: Path, protocol: int) -> None:
    wanted = ([b"\xff\xd8a", b"b"], [True, False])
    assert pickle.loads(PYTHON_2[protocol], encoding="bytes") == wanted
    assert read_plain_pickle(written(tmp_path / "a.bin", PYTHON_2[protocol])) == wanted


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_would_run_a_command_runs_nothing(tmp_path: Path, protocol: int) -> None:
    mark = tmp_path / "ran"
    for call in (
        Runs(os.mkdir, str(mark)),
        Runs(os.system, f"mkdir {mark}"),
        Runs(eval, f"__import__('os').mkdir({str(mark)!r})"),
    ):
        path = written(tmp_path / "evil.bin", pickle.dumps(([b"a", b"b"], [True, call]), protocol))
        with pytest.raises(DataError) as raised:
            read_plain_pickle(path)
        assert "evil.bin: is refused: it holds more than lists" in str(raised.value)
        assert "\n" not in str(raised.value)
        assert not mark.exists()


#: Ways to call something that pickle itself never writes.
BY_HAND = (
    b"cos\nsystem\n(S'mkdir ran'\ntR.",
    b"(S'mkdir ran'\nios\nsystem\n.",
    b"(cos\nsystem\nS'mkdir ran'\no.",
    b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x09mkdir ran\x85R.",
    b"Pname\n.",
    b"\x80\x02\x82\x01.",
    b"\x80\x02]\x81.",
    b"]}b.",
)


@pytest.mark.parametrize("content", BY_HAND)
def test_no_word_that_calls_is_followed(tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"is (refused|no pickle)"):
        read_plain_pickle(written(tmp_path / "hand.bin", content))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("value", [1, 1.5, "text", None, {}, {1}, np.zeros(2), bytearray(b"a"), [1]], ids=repr)
def test_nothing_else_is_built(tmp_path: Path, value: Any) -> None:
    with pytest.raises(DataError, match="is refused: it holds more than lists, tuples, bytes and booleans"):
        read_plain_pickle(written(tmp_path / "a.bin", pickle.dumps([value], 5)))


DAMAGED = (
    b"", b".", b"]", b"(.", b"(]].", b"a.", b"e.", b"\x85.", b"(\x85.", b"h\x00.", b"K", b"\xff\xd8\xff\xe0",
    b"B\xff\xff\xff\xffab.", b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7fab.", b"t.", b"]0.", b"r\xff\xff\xff\xff.",
    b"U\xffa.",
)  # fmt: skip


@pytest.mark.parametrize("content", DAMAGED)
def test_damage_is_one_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match=r"a\.bin: ") as raised:
        read_plain_pickle(written(tmp_path / "a.bin", content))
    assert "\n" not in str(raised.value)


def test_any_cut_or_changed_file_is_read_or_refused(tmp_path: Path) -> None:
    whole = pickle.dumps(([b"abc", b"de"], [True, False]), 4)
    rng, refused = np.random.default_rng(0), []
    for _ in range(1500):
        content = bytearray(whole)
        for place in rng.integers(0, len(whole), rng.integers(1, 4)):
            content[place] = rng.integers(0, 256)
        try:
            value = read_plain_pickle(written(tmp_path / "a.bin", bytes(content[: rng.integers(1, len(whole) + 1)])))
            assert isinstance(value, (list, tuple, bytes, bool))
        except DataError as error:
            refused.append("a.bin: " in str(error))
    assert len(refused) > 500
    assert all(refused)


def test_missing_files_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.bin", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            read_plain_pickle(path)
