"""Caches: what is kept, how much, and that a changed file is read anew."""

from __future__ import annotations

import io
import os
import zlib
from pathlib import Path

import numpy as np
import pytest

from lowface_core.data.images import write_image
from lowface_core.errors import ConfigError
from lowface_data.cache import DiskCache, MemoryCache, make_cache
from lowface_data.folders.image_folder import ImageFolder
from lowface_data.folders.lapa_face import LapaFace

FLAT = np.zeros((3, 8, 8), np.uint8), (8, 8)  # 192 bytes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for i in range(6):
        write_image(tmp_path / "in" / f"{i}.png", np.full((3, 16, 16), i / 8))
    return tmp_path / "in"


def values(data: ImageFolder) -> list[float]:
    return [float(data[i]["low"].mean()) for i in range(len(data))]


def test_memory_is_limited(folder: Path, reads: list[Path]) -> None:
    data = ImageFolder(folder, size=8, cache={"gigabytes": 4 * 192 / 2**30})
    first = values(data)
    assert values(data) == first
    assert len(reads) == 6 + 2  # four are kept, two are read each time


def test_disk_serves_later_runs(folder: Path, tmp_path: Path, reads: list[Path]) -> None:
    cache = {"folder": str(tmp_path / "cache"), "gigabytes": 1}
    first = values(ImageFolder(folder, size=8, cache=cache))
    assert values(ImageFolder(folder, size=8, cache=cache)) == first
    assert len(reads) == 6
    values(ImageFolder(folder, size=4, cache=cache))  # another size is another picture
    assert len(reads) == 12
    write_image(folder / "3.png", np.full((3, 16, 16), 1.0))
    os.utime(folder / "3.png", ns=(1, 1))
    again = values(ImageFolder(folder, size=8, cache=cache))
    assert len(reads) == 13
    assert again[3] == 1
    assert [v for i, v in enumerate(again) if i != 3] == [v for i, v in enumerate(first) if i != 3]


def test_a_damaged_entry_is_read_anew(folder: Path, tmp_path: Path, reads: list[Path]) -> None:
    cache = {"folder": str(tmp_path / "cache")}
    first = values(ImageFolder(folder, size=8, cache=cache))
    for path in (tmp_path / "cache").iterdir():
        path.write_bytes(path.read_bytes()[:100])
    assert values(ImageFolder(folder, size=8, cache=cache)) == first
    assert len(reads) == 12


def test_disk_is_limited_and_drops_what_is_old(tmp_path: Path) -> None:
    def size() -> int:
        return sum(path.stat().st_size for path in tmp_path.iterdir())

    old = DiskCache(tmp_path, gigabytes=1000 / 2**30)
    for name in "abcdef":
        old.put(("picture", 8, (Path(name),)), FLAT)
    assert 600 < size() <= 1000
    assert old.get(("picture", 8, (Path("a"),))) is not None
    assert old.get(("picture", 8, (Path("f"),))) is None  # nothing of this run is dropped for it
    new = DiskCache(tmp_path, gigabytes=1000 / 2**30)
    new.put(("picture", 8, (Path("g"),)), FLAT)
    assert new.get(("picture", 8, (Path("g"),))) is not None
    assert size() <= 1000


def test_spellings() -> None:
    assert make_cache(False) is None
    assert isinstance(make_cache(True), MemoryCache)
    assert isinstance(make_cache({"gigabytes": 2}), MemoryCache)
    for spec, words in (("yes", "write True"), ({"size": 1}, "write True"), ({"gigabytes": 0}, "above 0")):
        with pytest.raises(ConfigError, match=words):
            make_cache(spec)
    with pytest.raises(ConfigError, match="cannot be used"):
        make_cache({"folder": "/dev/null/x"})


def test_a_pair_checked_once_keeps_its_check(tmp_path: Path) -> None:
    for folder, side in (("normal", 16), ("underexposed", 12)):
        write_image(tmp_path / folder / "ann_0.png", np.full((3, side, side), 0.5))
    cache = {"folder": str(tmp_path / "cache")}
    for _ in range(2):
        with pytest.raises(Exception, match="12x12 pixels and its picture"):
            LapaFace(tmp_path, size=8, cache=cache)[0]


def entry(content: np.ndarray, size: tuple[int, int] = (16, 16)) -> bytes:
    """A file that is whole, whatever it holds."""
    file = io.BytesIO()
    file.write(np.array(size, np.uint32).tobytes())
    np.save(file, content)
    return zlib.crc32(file.getvalue()).to_bytes(4, "little") + file.getvalue()


WRONG = {
    "another type": lambda old: entry(np.zeros((3, 8, 8), np.int64)),
    "another shape": lambda old: entry(np.zeros((8, 8), np.uint8)),
    "another size": lambda old: entry(np.zeros((3, 8, 9), np.uint8)),
    "light beyond white": lambda old: entry(np.full((3, 8, 8), 2.0, np.float32)),
    "not a number": lambda old: entry(np.full((3, 8, 8), np.nan, np.float32)),
    "one bit": lambda old: old[:-5] + bytes([old[-5] ^ 4]) + old[-4:],
    "nothing": lambda old: b"",
    "objects": lambda old: entry(np.array([{}], dtype=object)),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_entry_that_is_not_what_was_asked_for_is_made_again(
    folder: Path, tmp_path: Path, reads: list[Path], wrong: str
) -> None:
    cache = {"folder": str(tmp_path / "cache")}
    first = values(ImageFolder(folder, size=8, cache=cache))
    for path in (tmp_path / "cache").iterdir():
        path.write_bytes(WRONG[wrong](path.read_bytes()))
    assert values(ImageFolder(folder, size=8, cache=cache)) == first
    assert len(reads) == 12
    assert values(ImageFolder(folder, size=8, cache=cache)) == first
    assert len(reads) == 12


def test_a_disk_that_cannot_be_written_is_told_once_and_costs_time(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    cache = {"folder": str(tmp_path / "cache")}
    expected = values(ImageFolder(folder, size=8, cache=False))
    monkeypatch.setattr(Path, "write_bytes", full)
    assert values(ImageFolder(folder, size=8, cache=cache)) == expected
    assert len(caplog.messages) == 1
    assert "No space left on device" in caplog.text
    assert not list((tmp_path / "cache").iterdir())
