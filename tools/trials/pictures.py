"""Hostile pictures, and pictures with hostile names."""

from __future__ import annotations

import io
import os
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from trials.mutation import spoiled
from trials.verdict import fingerprints, halves, lost, spoken
from trials.workshop import Tried, Workshop

PICTURE_COMMANDS: tuple[tuple[str, ...], ...] = (
    ("enhance", "photos", "-o", "out", "--checkpoint", "gamma"),
    ("enhance", "photos", "-o", "out", "--checkpoint", "gamma"),
    ("evaluate", "--enhanced", "photos", "--reference", "photos", "--work-dir", "out"),
    ("synthesize", "photos", "out", "--preset", "lowfacenet-dark", "--skip-unreadable", "--jobs", "1"),
    ("data", "check", "photos", "--jobs", "1"),
)


def _huge() -> bytes:
    head = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    data = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + struct.pack(">I", len(data))
        + b"IDAT"
        + data
        + struct.pack(">I", zlib.crc32(b"IDAT" + data))
    )


def _saved(mode: str, size: tuple[int, int], format_: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, format_, **options)
    return file.getvalue()


def _floats(rng: random.Random) -> bytes:
    file = io.BytesIO()
    pixels = np.full((8, 8), rng.choice((np.nan, np.inf, -1.0, 1e30)), np.float32)
    Image.fromarray(pixels).save(file, "TIFF")
    return file.getvalue()


def hostile_picture(folder: Path, number: int, good: bytes, rng: random.Random) -> str:
    """Puts something that is called a picture into a folder; says what."""
    suffix = rng.choice((".png", ".jpg", ".tiff", ".webp", ".bmp", ".PNG"))
    path = folder / f"hostile{number}{suffix}"
    special: dict[str, Callable[[], object]] = {
        "pipe": lambda: os.mkfifo(path),
        "link to itself": lambda: path.symlink_to(path.name),
        "link to nothing": lambda: path.symlink_to("nothing.png"),
        "endless device": lambda: path.symlink_to("/dev/zero"),
        "folder": path.mkdir,
    }
    made: dict[str, Callable[[], bytes]] = {
        "60000 x 60000": _huge,
        "text": lambda: b"<html>not found</html>",
        "palette": lambda: _saved("P", (9, 7), "PNG", transparency=0),
        "one bit": lambda: _saved("1", (9, 7), "TIFF"),
        "CMYK": lambda: _saved("CMYK", (9, 7), "JPEG"),
        "thin": lambda: _saved("RGB", (1, 3000), "PNG"),
        "one pixel": lambda: _saved("L", (1, 1), "BMP"),
        "alpha": lambda: _saved("LA", (5, 5), "WEBP"),
        "floats": lambda: _floats(rng),
        "profile of noise": lambda: _saved("RGB", (9, 9), "PNG", icc_profile=rng.randbytes(300)),
        "EXIF of noise": lambda: _saved("RGB", (9, 9), "JPEG", exif=b"Exif\0\0" + rng.randbytes(60)),
    }
    if rng.random() < 0.5:
        data, what = spoiled(rng.choice((good, _saved("RGB", (40, 30), "JPEG"), _saved("RGB", (40, 30), "TIFF"))), rng)
        path.write_bytes(data)
        return f"{path.name}: {what}"
    what = rng.choice((*special, *made))
    if what in special:
        special[what]()
    else:
        path.write_bytes(made[what]())
    return f"{path.name}: {what}"


def picture(shop: Workshop, rng: random.Random, number: int) -> Tried:
    """A folder with hostile pictures among good ones: these are done, those done or named."""
    words = PICTURE_COMMANDS[number % len(PICTURE_COMMANDS)]
    with shop.place("picture") as place:
        photos = place.work / "photos"
        good = sorted(photos.rglob("*.png"))
        wanted = len(good)
        made = [hostile_picture(photos, n, good[0].read_bytes(), rng) for n in range(rng.choice((1, 2, 3)))]
        tried = Tried(f"{words[0]}: {'; '.join(made)}")
        before = fingerprints(shop.inputs)
        said = place.run(words)
        tried.faults += spoken(said, (0, 1)) + halves(place.work / "out") + lost(before, place.work)
        if words[0] == "enhance":
            out = [p for p in (place.work / "out").rglob("*") if p.is_file()]
            kept = sum(not p.name.startswith("hostile") for p in out)
            if kept < wanted:
                tried.faults.append(f"good pictures lost: {kept} of {wanted} written")
            for what in made:
                name = what.partition(":")[0]
                done = any(p.name == name for p in out)
                if not done and name not in said.err and not (photos / name).is_dir():
                    tried.faults.append(f"passed over in silence: {what}")
                if done and said.code == 0 and "floats" in what:
                    tried.faults.append(f"nonsense accepted: {what}")
    return tried


#: Names that file systems allow, as bytes.
PIECES = (
    *(
        b"-",
        b"--help",
        b" ",
        b"\n",
        b"\r",
        b"\t",
        b"\x1b[2J",
        b"\x1b]0;x\x07",
        b"'",
        b'"',
        b"$(x)",
        b";",
        b"&",
        b"<b>",
        b"%s",
    ),
    *(
        b"{data_root}",
        b"{",
        b"\\",
        b"*",
        b"?",
        b"[a]",
        b"#",
        b"a,b",
        b"\xff\xfe",
        b"caf\xe9",
        b"x..",
        b"x.",
        b"con",
        b"\x7f",
    ),
    *(
        "é".encode(),
        "e\u0301".encode(),
        "日本語".encode(),
        "\u202e".encode(),
        "\u200b".encode(),
        b"x" * 150,
        "長".encode() * 60,
    ),
)
NAME_COMMANDS: tuple[tuple[str, ...], ...] = (
    ("enhance", "odd", "-o", "out", "--checkpoint", "gamma"),
    ("evaluate", "--enhanced", "odd", "--reference", "odd", "--work-dir", "out"),
    ("synthesize", "odd", "out", "--preset", "lowfacenet-dark", "--jobs", "1"),
    ("data", "check", "odd", "--jobs", "1"),
    ("enhance", "odd", "-o", "out", "--checkpoint", "gamma", "--json", "--report", "r.csv"),
)


def name(shop: Workshop, rng: random.Random, number: int) -> Tried:
    """Pictures and folders with odd names: none is lost, and no name reaches the terminal raw."""
    words = NAME_COMMANDS[number % len(NAME_COMMANDS)]
    with shop.place("name") as place:
        odd = os.fsencode(place.work / "odd")
        os.mkdir(odd)
        good = (place.work / "photos" / "p0.png").read_bytes()
        names = set()
        for _ in range(rng.choice((1, 2, 4))):
            stem = (b"".join(rng.choices(PIECES, k=rng.choice((1, 2, 3)))))[:250]
            below = odd if rng.random() < 0.7 else os.path.join(odd, stem[:200].rstrip(b"."))
            os.makedirs(below, exist_ok=True)
            file = os.path.join(below, b"p" + stem[:240] + b".png")
            Path(os.fsdecode(file)).write_bytes(good)
            names.add(file)
        tried = Tried(f"{words[0]}: {[os.path.relpath(n, odd) for n in sorted(names)]}")
        said = place.run(words)
        tried.faults += spoken(said, (0, 1)) + halves(place.work / "out")
        refused = said.code == 1 and "share the name" in said.err
        if words[0] == "enhance" and said.code != 2 and not refused:
            out = sum(1 for p in (place.work / "out").rglob("*") if p.is_file())
            if out != len(names):
                tried.faults.append(f"{out} of {len(names)} pictures written: {said.err[-200:]!r}")
    return tried
