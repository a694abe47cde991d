"""Keys, partners and splits by name, whatever its spelling and its bytes."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from lowface_core.errors import DataError
from lowface_data.audit.check import check
from lowface_data.folders.image_folder import ImageFolder
from lowface_data.folders.lapa import Lapa
from lowface_data.folders.lapa_face import LapaFace
from lowface_data.folders.layout import Entry, find_entries
from lowface_data.folders.lfw import Lfw
from lowface_data.folders.paired_folder import PairedFolder
from lowface_data.folders.unpaired_folder import UnpairedFolder

ONE, TWO = "NFC", "NFD"


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")


def spelt(form: str, name: str) -> str:
    return unicodedata.normalize(form, name)


@pytest.mark.parametrize("name", ["José_0", "Zoë_Ång_1", "한글_2"])
def test_partners_and_splits_are_found_in_either_spelling(tmp_path: Path, name: str) -> None:
    one, two = spelt(ONE, name), spelt(TWO, name)
    for folder, written in (("normal", one), ("underexposed", two), ("seg", one)):
        touch(tmp_path / folder / f"{written}.png")
    (tmp_path / "split.json").write_text(json.dumps({spelt(TWO, "prüfung"): [two]}))
    (entry,) = find_entries(tmp_path, spelt(ONE, "prüfung"))
    assert (entry.key, entry.identity) == (one, one.rpartition("_")[0])
    assert entry.low == tmp_path / "underexposed" / f"{two}.png"
    paired = PairedFolder(tmp_path / "underexposed", tmp_path / "normal", tmp_path / "seg")
    assert paired.facts(0)["key"] == one
    (tmp_path / "normal" / f"{one}.png").rename(tmp_path / "normal" / f"{two}.png")
    assert PairedFolder(tmp_path / "underexposed", tmp_path / "normal").fingerprint()
    assert paired.fingerprint  # opened before, of the file's former name
    for folder, written in (("images", one), ("labels", two), ("landmarks", two)):
        touch(tmp_path / "lapa" / "train" / folder / f"{written}.{'txt' if folder == 'landmarks' else 'png'}")
    assert Lapa(tmp_path / "lapa").entries[0].landmarks is not None


@pytest.mark.parametrize("name", ["José_0", "Zoë_Ång_1", "한글_2"])
@pytest.mark.parametrize(
    ("place", "open_"),
    [
        ("normal", LapaFace),
        ("", ImageFolder),
        ("", lambda root: ImageFolder(root, people=True)),
        ("A", Lfw),
        ("", lambda root: PairedFolder(root, root)),
        ("", lambda root: UnpairedFolder(root, root)),
    ],
)
def test_two_files_of_one_name_are_an_error_that_names_both(
    tmp_path: Path, place: str, open_: Callable[[Path], object], name: str
) -> None:
    files = [tmp_path / place / f"{spelt(form, name)}.png" for form in (ONE, TWO)]
    for file in files:
        touch(file)
    with pytest.raises(DataError) as raised:
        open_(tmp_path)
    assert all(str(file) in str(raised.value) for file in files)


def test_a_person_in_two_spellings_is_one(tmp_path: Path) -> None:
    for form, number in ((ONE, 1), (TWO, 2)):
        touch(tmp_path / spelt(form, "José") / f"{spelt(form, 'José')}_000{number}.jpg")
    assert Lfw(tmp_path, min_pictures=2).identities == ("José",)


@pytest.mark.parametrize(
    "raw", [b"caf\xe9_0.png", b"\xff\xfe_1.png", b"a\nb_0.png", b"-r_0.png", b"c" * 240 + b"_0.png"]
)
def test_any_name_is_a_key(tmp_path: Path, raw: bytes) -> None:
    touch(tmp_path / "normal" / os.fsdecode(raw))
    data = LapaFace(tmp_path)
    assert json.dumps([data.facts(0)["key"], data.identities], ensure_ascii=False).encode()
    assert data.fingerprint() == LapaFace(tmp_path).fingerprint()
    assert [finding.kind for finding in check(tmp_path).findings] == ["unreadable"]


def test_an_entry_takes_the_normal_form() -> None:
    entry = Entry(spelt(TWO, "José_1"), spelt(TWO, "José"))
    assert (entry.key, entry.identity) == ("José_1", "José")
