from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from lowface_core.data.normal_form import by_name, normal_form
from lowface_core.errors import DataError

#: A name in two spellings.
SPELT = [
    (unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)) for name in ("José", "Ångström", "한글")
]


@pytest.mark.parametrize(("composed", "decomposed"), SPELT)
def test_two_spellings_of_a_name_are_one_and_two_files_of_one_name_an_error(composed: str, decomposed: str):
    assert composed != decomposed
    assert normal_form(composed) == normal_form(decomposed) == composed
    files = [Path(f"{decomposed}_0.png"), Path(f"{composed}_1.png")]
    assert by_name(files, lambda path: path.stem) == {f"{composed}_0": files[0], f"{composed}_1": files[1]}
    files.append(Path(f"{composed}_0.jpg"))
    with pytest.raises(DataError) as raised:
        by_name(files, lambda path: path.stem)
    assert str(files[0]) in str(raised.value)
    assert str(files[2]) in str(raised.value)
    twins: list[tuple[Path, Path]] = []
    assert len(by_name(files, lambda path: path.stem, twins)) == 2
    assert twins == [(files[2], files[0])]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"caf\xe9_0", "caf\\udce9_0"),
        (b"\xff\xfe", "\\udcff\\udcfe"),
        (b"a\nb\r_1", "a\\nb\\r_1"),
        (b"\x1b[31mred", "\\x1b[31mred"),
        (b"-rf", "-rf"),
        ("名前 ü".encode(), "名前 ü"),
    ],
)
def test_any_name_can_be_printed_and_recorded(raw: bytes, shown: str):
    name = normal_form(raw.decode("utf-8", "surrogateescape"))
    assert name == shown == normal_form(name)
    assert json.loads(json.dumps(name, ensure_ascii=False).encode()) == shown
