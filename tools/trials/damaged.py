"""Files that lowface itself wrote or that people write, damaged: checkpoints, caches, lists of pairs."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

from trials.mutation import mutate, spoiled
from trials.process import Place
from trials.verdict import content, differences, halves, spoken
from trials.workshop import RECOGNISER, TINY, Tried, Workshop

CHECKPOINT_COMMANDS: tuple[tuple[str, ...], ...] = (
    ("enhance", "photos/p0.png", "-o", "out/p0.png", "--checkpoint", "spoiled.pth"),
    ("train", "tiny.json", "--resume", "spoiled.pth", "--work-dir", "out"),
    ("evaluate", "tiny.json", "--checkpoint", "spoiled.pth", "--work-dir", "out"),
    ("enhance", "photos", "-o", "out", "--checkpoint", "spoiled.pth"),
)


def checkpoint(shop: Workshop, rng: random.Random, number: int) -> Tried:
    """A damaged or crafted checkpoint: it is refused, or what comes out is what the whole one gives."""
    words = CHECKPOINT_COMMANDS[number % len(CHECKPOINT_COMMANDS)]
    with shop.place("checkpoint") as place:
        path = place.work / "spoiled.pth"
        crafted = rng.random() < 0.6
        if crafted:
            what = _craft(shop, path, rng)
        else:
            data, what = spoiled(shop.checkpoint, rng)
            path.write_bytes(data)
        tried = Tried(f"{words[0]}: {what}")
        said = place.run(words)
        tried.faults += spoken(said, (0, 1)) + halves(place.work / "out")
        if said.code == 0 and words[0] == "enhance" and ("state_dict" in what or not crafted):
            tried.faults += _silently_wrong(place, words)
        if said.code and words[0] == "enhance" and (place.work / "out").exists():
            tried.faults.append("refuses, but writes")
    return tried


def _silently_wrong(place: Place, words: tuple[str, ...]) -> list[str]:
    found = content(place.work / "out")
    again = tuple("run" if w == "spoiled.pth" else w.replace("out", "whole", 1) for w in words)
    place.run(again)
    if len(found) == len(content(place.work / "whole")) and found != content(place.work / "whole"):
        return ["nonsense accepted: other pictures than the whole checkpoint gives"]
    return []


def _craft(shop: Workshop, path: Path, rng: random.Random) -> str:
    """Writes the checkpoint with one thing changed inside; says what."""
    import torch

    held: Any = torch.load(io.BytesIO(shop.checkpoint), weights_only=True)
    name = rng.choice(list(held["state_dict"]))
    weight = held["state_dict"][name]
    odd: dict[str, Any] = {
        "NaN": torch.full_like(weight, float("nan")),
        "infinite": torch.full_like(weight, float("inf")),
        "of another shape": weight.flatten()[:-1],
        "empty": torch.empty(0),
        "sparse": weight.to_sparse(),
        "complex": weight.to(torch.complex64),
        "without data": weight.to("meta"),
        "whole numbers": torch.zeros(weight.shape, dtype=torch.int64),
        "expanded": torch.zeros(1).expand(10**6, 10**5),
        "a list": [1.0],
        "None": None,
    }
    way = rng.choice(("weight", "weight", "gone", "key", "key", "key"))
    if way == "weight":
        what = rng.choice(list(odd))
        held["state_dict"][name] = odd[what]
        what = f"state_dict.{name} is {what}"
    elif way == "gone":
        del held["state_dict"][name]
        what = f"state_dict.{name} is gone"
    else:
        state, model = held.pop("state_dict"), held.pop("model", None)
        what = mutate(held, rng)
        held.setdefault("state_dict", state)
        held.setdefault("model", model)
    torch.save(held, path)
    return what


def cache(shop: Workshop, rng: random.Random, number: int) -> Tried:
    """Damaged caches: made again, with the same result."""
    if number % 2:  # a gallery of faces
        held = {**TINY, **RECOGNISER, "metrics": {"rank1": {"type": "rank1"}}, "best": "rank1"}
        held["test_dataset"] = {**TINY["test_dataset"], "size": 80}
        words: tuple[str, ...] = ("evaluate", "cached.json", "--enhancer", "gamma", "--work-dir")
    else:  # decoded pictures
        paired = {"type": "paired_folder", "low": "photos", "normal": "others", "size": 32}
        held = {**TINY, "train_dataset": {**paired, "cache": {"folder": "cache"}}, "max_iters": 3}
        held["losses"] = {"smoothness": TINY["losses"]["smoothness"]}
        for section in ("val_dataset", "test_dataset", "metrics"):
            held.pop(section)
        words = ("train", "cached.json", "--work-dir")
    with shop.place("cache") as place:
        (place.work / "cached.json").write_text(json.dumps(held))
        folders = [place.root / "home", place.work / "cache"]
        first = place.run((*words, "first"))
        files = [
            p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.startswith(".")
        ]
        tried = Tried(f"{words[0]}: {len(files)} files of cache")
        tried.faults += spoken(first, (0,)) + ([] if files else ["no cache was written"])
        for path in rng.sample(files, min(len(files), rng.choice((1, 2, 5)))):
            data, what = spoiled(path.read_bytes(), rng)
            path.write_bytes(data)
            tried.what += f"; {path.name[-30:]} {what}"
        said = place.run((*words, "second"))
        tried.faults += spoken(said, (0,))
        tried.faults += differences(
            content(place.work / "first"), content(place.work / "second"), "with damaged caches"
        )
    return tried


def pairs(shop: Workshop, rng: random.Random, number: int) -> Tried:
    """A list of pairs that is damaged, or written otherwise: refused in words, or every row counts."""
    text = (shop.inputs / "pairs.csv").read_text()
    rows = text.splitlines()
    way = rng.choice(("bytes", "word", "word", "word", "separator", "coding", "row"))
    raw = b""
    if way == "bytes":
        raw, what = spoiled(text.encode(), rng)
    elif way == "word":
        line = rng.randrange(1, len(rows))
        cells = rows[line].split(",")
        place, new = (
            rng.randrange(len(cells)),
            rng.choice(("", "2", "-1", "x", "1.0", "../x.png", "\x1b[0m", "nan", "9" * 40)),
        )
        cells[place] = new
        rows[line], what = ",".join(cells), f"row {line}, column {place} is {new!r}"
    elif way == "row":
        line = rng.randrange(len(rows))
        rows[line], what = (
            rng.choice(("", "a", ",,,,,,", "#", rows[line] + ",3", rows[line] + "\0", '"')),
            f"row {line} changed",
        )
    elif way == "separator":
        mark = rng.choice(("\t", ";", " ", "|", ", "))
        rows, what = [row.replace(",", mark) for row in rows], f"separated by {mark!r}"
    coding = rng.choice(("utf-16", "utf-8-sig", "utf-32", "latin-1")) if way == "coding" else "utf-8"
    if way == "coding":
        what = f"in {coding}"
    raw = raw or ("\n".join(rows) + "\n").encode(coding)
    tried = Tried(f"verify: {what}")
    with shop.place("pairs") as place:
        (place.work / "odd.csv").write_bytes(raw)
        said = place.run(
            (
                "verify",
                "--data",
                "people",
                "--pairs",
                "odd.csv",
                "--config",
                "recogniser.json",
                "--device",
                "cpu",
                "--work-dir",
                "out",
                "--batch-size",
                "32",
            )
        )
        tried.faults += spoken(said, (0, 1)) + halves(place.work / "out")
        if said.code == 0 and way in ("word", "row", "separator", "coding"):
            counted = len((place.work / "out" / "pictures.jsonl").read_text().splitlines())
            if counted < sum(bool(row.strip()) and not row.startswith("#") for row in rows[1:]):
                tried.faults.append(f"rows lost: {counted} of {len(rows) - 1} judged")
    return tried
