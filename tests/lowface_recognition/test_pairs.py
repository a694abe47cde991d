"""Verification pairs: lists of them, who is on their pictures, and drawing."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from lowface_core.errors import DataError
from lowface_recognition.pairs import ListedPictures, deal, draw_pairs, people_of_pairs, read_pairs
from lowface_recognition.photos import Photo


@pytest.fixture
def lfw(tmp_path: Path) -> Path:
    for person in ("Al_B", "Cy", "Di"):
        (tmp_path / "lfw" / person).mkdir(parents=True)
        for n in (1, 2, 11):
            (tmp_path / "lfw" / person / f"{person}_{n:04d}.jpg").write_bytes(b"x")
    return tmp_path / "lfw"


def write(folder: Path, text: str, name: str = "pairs.txt") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_lfws_list(tmp_path: Path, lfw: Path) -> None:
    text = "2\t1\nAl_B\t1\t11\nAl_B\t2\tCy\t1\nDi\t1\t2\nDi\t2\tCy\t1\n"
    pairs = read_pairs(write(tmp_path, text), lfw)
    keys = [photo.key for photo in pairs.photos]
    told = [(keys[a], keys[b]) for a, b in zip(pairs.first, pairs.second, strict=True)]
    assert told[0] == ("Al_B/Al_B_0001", "Al_B/Al_B_0011")
    assert told[3] == ("Di/Di_0002", "Cy/Cy_0001")
    assert pairs.same.tolist() == [True, False, True, False]
    assert pairs.fold.tolist() == [0, 0, 1, 1]
    assert pairs.folds_from == "file"
    assert {photo.person for photo in pairs.photos} == {"Al_B", "Cy", "Di"}
    assert len(keys) == len(set(keys)) == 6  # each picture once


def test_ten_folds_with_carriage_returns(tmp_path: Path, lfw: Path) -> None:
    rows = "Al_B\t1\t2\r\nAl_B\t1\tCy\t1\r\n" * 10
    (tmp_path / "pairs.txt").write_bytes(("10\t1\r\n" + rows).encode())
    pairs = read_pairs(tmp_path / "pairs.txt", lfw)
    assert pairs.fold.tolist() == [fold for fold in range(10) for _ in range(2)]
    assert pairs.same.tolist() == [True, False] * 10


def test_lfws_other_list_has_no_folds(tmp_path: Path, lfw: Path) -> None:
    pairs = read_pairs(write(tmp_path, "1\nAl_B 1 2\nAl_B 2 Cy 1\n"), lfw)
    assert pairs.folds_from == "dealt"


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_tables(tmp_path: Path, lfw: Path, delimiter: str) -> None:
    rows = [
        ("first", "second", "same", "fold"),
        ("lfw/Al_B/Al_B_0001.jpg", "lfw/Al_B/Al_B_0002.jpg", "1", "7"),
        ("lfw/Cy/Cy_0001.jpg", "lfw/Di/Di_0002.jpg", "0", "3"),
    ]
    file = write(tmp_path, "\n".join(delimiter.join(row) for row in rows), "pairs.csv")
    pairs = read_pairs(file, None)
    assert (pairs.same.tolist(), pairs.fold.tolist()) == ([True, False], [1, 0])
    assert pairs.photos[0].key == "lfw/Al_B/Al_B_0001"
    with pytest.raises(DataError, match=r"lfw/Al_B/Al_B_0001\.jpg: not a picture"):
        pairs.photos[0].read()
    moved = write(tmp_path, file.read_text().replace("lfw/", ""), "moved.csv")
    assert read_pairs(moved, lfw).photos[0].key == "Al_B/Al_B_0001"


def test_tables_without_folds_are_dealt_ten(tmp_path: Path, lfw: Path) -> None:
    same, other = "lfw/Cy/Cy_0001.jpg,lfw/Cy/Cy_0002.jpg,1\n", "lfw/Cy/Cy_0001.jpg,lfw/Di/Di_0001.jpg,0\n"
    pairs = read_pairs(write(tmp_path, same * 12 + other * 12, "p.csv"), None)
    assert pairs.folds_from == "dealt"
    assert pairs.fold.tolist() == [*range(10), 0, 1] * 2
    assert np.array_equal(pairs.fold, deal(pairs.same))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no pairs"),
        ("1 1\n", "promises 1 folds of 2 x 1 pairs and holds 0"),
        ("1 1\nCy 1 2\n", "promises 1 folds of 2 x 1 pairs and holds 1"),
        ("2\n", "holds no pairs"),
        ("1\nCy 1\n", "line 2: is neither 'person n m' nor 'person n other m'"),
        ("1\nCy 1 two\n", "line 2: is neither"),
        ("1\nCy 1 4\n", "line 2: no picture 'Cy/Cy_0004'"),
        ("1\nCi 1 2\n", "no picture 'Ci/Ci_0001' in"),
        ("Cy/Cy_0001.jpg,Cy/Cy_0002.jpg,yes\nx,y,1", "line 2: no picture 'x'"),
        ("Cy/Cy_0001.jpg,Cy/Cy_0002.jpg,1\nCy/Cy_0001.jpg,Cy/Cy_0002.jpg,2\n", "line 2: is not 'path, path, 0 or 1'"),
        ("Cy/Cy_0001.jpg\n", "line 1: is not 'path, path, 0 or 1'"),
        (
            "Cy/Cy_0001.jpg,Di/Di_0001.jpg,0,1\nCy/Cy_0001.jpg,Cy/Cy_0002.jpg,1\n",
            "line 2: has no fold, other lines have",
        ),
    ],
)
def test_faults_name_file_and_line(tmp_path: Path, lfw: Path, text: str, told: str) -> None:
    with pytest.raises(DataError) as raised:
        read_pairs(write(tmp_path, text), lfw)
    assert told in str(raised.value)
    assert "pairs.txt" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_files_that_cannot_be_read(tmp_path: Path, lfw: Path) -> None:
    with pytest.raises(DataError, match="gone: cannot be read"):
        read_pairs(tmp_path / "gone", lfw)
    with pytest.raises(DataError, match="is a folder; give the file of pairs"):
        read_pairs(lfw, lfw)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not text"):
        read_pairs(tmp_path / "bytes", lfw)
    with pytest.raises(DataError, match="add --data, the folder of its people"):
        read_pairs(write(tmp_path, "1 1\nCy 1 2\nCy 1 Di 1\n"), None)


@pytest.mark.parametrize("name", ["José", "Zoë", "한글"])
@pytest.mark.parametrize("table", [True, False])
def test_pairs_name_pictures_in_either_spelling(tmp_path: Path, name: str, table: bool) -> None:
    composed, decomposed = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    (tmp_path / "p" / decomposed).mkdir(parents=True)
    for n in (1, 2):
        (tmp_path / "p" / decomposed / f"{decomposed}_000{n}.jpg").write_bytes(b"x")
    row = f"{composed}/{composed}_0001.jpg,{{0}}/{{0}}_0002.jpg,1\n"
    text = row.format(composed) + row.format(decomposed) if table else f"2\n{composed} 1 2\n{decomposed} 1 2\n"
    pairs = read_pairs(write(tmp_path, text), tmp_path / "p")
    assert len(pairs.photos) == 2
    assert {photo.person for photo in pairs.photos} == {composed}
    assert pairs.first[0] == pairs.first[1] != pairs.second[0] == pairs.second[1]


@pytest.mark.parametrize("name", ["José", "Zoë", "한글"])
def test_two_files_of_one_name_in_a_list_are_named(tmp_path: Path, name: str) -> None:
    spelt = [unicodedata.normalize(form, f"{name}_1.jpg") for form in ("NFC", "NFD")]
    for one in (*spelt, "b_1.jpg"):
        (tmp_path / one).write_bytes(b"x")
    with pytest.raises(DataError) as raised:
        read_pairs(write(tmp_path, f"{spelt[0]},b_1.jpg,0\n{spelt[1]},b_1.jpg,0\n"), None)
    assert all(one in str(raised.value) for one in spelt)


def people(keys: list[str], *pairs: tuple[int, int, bool]) -> list[str]:
    first, second, same = (np.array(column) for column in zip(*pairs, strict=True))
    return people_of_pairs(keys, first, second, same.astype(bool))


def test_folders_and_names() -> None:
    assert people(["a/1", "a/2", "b/1"], (0, 1, True), (1, 2, False)) == ["a", "a", "b"]
    assert people(["An_Na_1", "An_Na_2", "Bo_1"], (0, 1, True), (1, 2, False)) == ["An_Na", "An_Na", "Bo"]


def test_names_that_are_none_give_way_to_the_pairs() -> None:
    """All called img: the impostor pair says that this is nobody's name."""
    told = people(["img_1", "img_2", "img_3", "img_4"], (0, 1, True), (1, 2, False), (2, 3, True))
    assert told[0] == told[1] != told[2] == told[3]
    told = people(["x", "y", "z"], (0, 1, True), (1, 2, False))
    assert told[0] == told[1] != told[2]


DATA = ListedPictures({})


def photos(people: int, pictures: int) -> list[Photo]:
    return [Photo(DATA, 0, f"p{p}/{n}", f"p{p}") for p in range(people) for n in range(pictures)]


def test_all_genuine_pairs_and_as_many_impostors_within_folds_of_people() -> None:
    pairs = draw_pairs(photos(40, 3), None, seed=0)
    person = np.array([photo.person for photo in pairs.photos])
    assert pairs.same.sum() == 40 * 3
    assert (~pairs.same).sum() == 120
    assert np.array_equal(person[pairs.first] == person[pairs.second], pairs.same)
    ends = {frozenset(pair) for pair in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)}
    assert len(ends) == 240  # no pair twice, none of a picture with itself
    assert all(len(end) == 2 for end in ends)
    folds = [{*person[pairs.first[pairs.fold == k]], *person[pairs.second[pairs.fold == k]]} for k in range(10)]
    assert sum(map(len, folds)) == len(set().union(*folds)) == 40  # nobody is in two folds
    assert 0.3 < (pairs.first < pairs.second).mean() < 0.7


def test_the_seed_decides() -> None:
    one, same, other = (draw_pairs(photos(20, 2), None, seed) for seed in (0, 0, 1))
    assert np.array_equal(one.first, same.first)
    assert one.photos == same.photos
    assert not np.array_equal(one.first, other.first) or one.photos != other.photos


def test_more_or_fewer_impostors() -> None:
    assert (~draw_pairs(photos(40, 3), 500, 0).same).sum() == 500
    assert (~draw_pairs(photos(40, 3), 7, 0).same).sum() == 7
    assert (~draw_pairs(photos(40, 3), 10**6, 0).same).sum() == 10 * 4 * 3 // 2 * 9  # all there are within folds


def test_too_few_people() -> None:
    assert len(np.unique(draw_pairs(photos(7, 2), None, 0).fold)) == 3
    with pytest.raises(DataError, match="no genuine pair to draw: nobody has two pictures"):
        draw_pairs(photos(5, 1), None, 0)
    with pytest.raises(DataError, match="no impostor pair to draw: it takes two people"):
        draw_pairs(photos(1, 3), None, 0)


AS_PEOPLE_HAVE_THEM = {
    "no heading": "Cy/Cy_0001.jpg,Cy/Cy_0002.jpg,1\nCy/Cy_0001.jpg,Di/Di_0001.jpg,0\n",
    "minus one": "Cy/Cy_0001.jpg,Cy/Cy_0002.jpg,1\nCy/Cy_0001.jpg,Di/Di_0001.jpg,-1\n",
    "words": "a;b;issame\nCy/Cy_0001.jpg;Cy/Cy_0002.jpg;True\nCy/Cy_0001.jpg;Di/Di_0001.jpg;False\n",
    "same, different": "Cy/Cy_0001.jpg\tCy/Cy_0002.jpg\tsame\nCy/Cy_0001.jpg\tDi/Di_0001.jpg\tdifferent\n",
    "spaces": "Cy/Cy_0001.jpg Cy/Cy_0002.jpg 1\nCy/Cy_0001.jpg Di/Di_0001.jpg 0\n",
    "backslashes": "Cy\\Cy_0001.jpg,Cy\\Cy_0002.jpg,1\nCy\\Cy_0001.jpg,Di\\Di_0001.jpg,0\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", AS_PEOPLE_HAVE_THEM.values(), ids=AS_PEOPLE_HAVE_THEM)
def test_lists_as_people_have_them(tmp_path: Path, lfw: Path, text: str, encoding: str) -> None:
    (tmp_path / "pairs.txt").write_bytes(text.encode(encoding))
    pairs = read_pairs(tmp_path / "pairs.txt", lfw)
    assert pairs.same.tolist() == [True, False]
    assert len(pairs.photos) == 3


@pytest.mark.parametrize("row", ["Cy/Cy_0001.jpg,Cy/Cy_0002.jpg,maybe", "Cy/Cy_0001.jpg,1", "a,b,1,x"])
def test_a_row_without_a_certain_meaning_is_shown_with_a_good_one(tmp_path: Path, lfw: Path, row: str) -> None:
    with pytest.raises(DataError) as raised:
        read_pairs(write(tmp_path, f"Cy/Cy_0001.jpg,Cy/Cy_0002.jpg,1\n{row}\n"), lfw)
    assert f"line 2: is not 'path, path, 0 or 1' with an optional fold, but {row!r}; write a/1" in str(raised.value)
