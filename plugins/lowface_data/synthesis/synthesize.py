"""Making a low-light data set on disk: plan, darken, record; interrupted work is continued."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lowface_core import __version__
from lowface_core.config.build import build_from
from lowface_core.data.images import read_image, write_image
from lowface_core.data.luma import mean_luma
from lowface_core.errors import DataError, LowfaceError
from lowface_core.files import drop_parts, exclusive, json_of, naming, read_json, write_json, write_whole
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.folders.layout import Entry, Masks
from lowface_data.folders.picture_store import PictureStore
from lowface_data.folders.source import Source, open_source, recognise
from lowface_data.parallel import each
from lowface_data.synthesis.set_level import accept_level, generator

MANIFEST, JOURNAL, LOCK = "manifest.json", "manifest.partial.jsonl", ".lock"
# Rounding to eight bits moves a set's mean by far less than what this leaves of the tolerance.
MARGIN = 0.9


@dataclass(frozen=True)
class Recipe:
    """How a low-light set is made.

    Attributes:
        degradation: component config.
        seed: of every draw.
        level: mean brightness of the set, or None to take it as it comes; needs the degradation ``linear``.
        tolerance: of the level.
        min_size: shortest side of a picture in pixels; smaller ones are left out.
        suffix: ending of the low-light files, e.g. ``.png``.
        layout: of the source; None looks which one fits.
        skip_unreadable: leave broken pictures out instead of stopping.
    """

    degradation: dict[str, Any]
    seed: int = 0
    level: float | None = None
    tolerance: float = 0.01
    min_size: int = 1
    suffix: str = ".png"
    layout: str | None = None
    skip_unreadable: bool = False


#: Keywords of a :class:`Recipe` by the name of the preset.
PRESETS: dict[str, dict[str, Any]] = {
    # Algorithm 1. The level is ours: what the released interval gives on CelebA-HQ (0.4 x 0.43), so that it is left as
    # it is there.
    "lowfacenet-train": {"degradation": {"type": "linear", "low": 0.35, "high": 0.45}, "level": 0.17},
    # the stronger darkening of the shipped recipe for CelebA
    "lowfacenet-dark": {"degradation": {"type": "linear", "low": 0.10, "high": 0.35}},
    # as published, and as the released script makes it
    "celeba-test-ii": {"degradation": {"type": "gamma_noise"}},
    "celeba-test-ii-released": {"degradation": {"type": "gamma_noise", "legacy": True}},
    "sensor": {"degradation": {"type": "sensor"}},
}


def synthesize(source: Path, target: Path, recipe: Recipe, jobs: int = 1) -> dict[str, Any]:
    """Makes the data set, or what is missing of it; one process at a time in a folder.

    ``target`` receives the released layout: ``underexposed/`` (made), ``normal/`` and ``seg/`` (carried over),
    ``split.json`` and ``manifest.json``. What is made depends on source and recipe alone: not on ``jobs``, nor on how
    often the work was interrupted.

    Args:
        jobs: processes.

    Returns:
        the manifest.

    Raises:
        LowfaceError: source or recipe will not do, ``target`` lies in ``source`` or the other way round, or holds
            something else; another process is making it.
    """
    source, target = source.expanduser(), target.expanduser()
    inner, outer = (Path(os.path.realpath(path)) for path in (target, source))
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise LowfaceError(f"{target}: lies inside {source} or holds it; give a folder beside it")
    if target.is_file():
        raise LowfaceError(f"{target}: is a file; give a folder")
    lock = target / LOCK
    try:
        with exclusive(lock, f"{target}: another process is making this data set; wait for it, or give another folder"):
            try:
                return _synthesize(source, target, recipe, jobs)
            finally:
                lock.unlink(missing_ok=True)
                with contextlib.suppress(OSError):  # something is in it
                    target.rmdir()
    except OSError as error:
        raise LowfaceError(f"{error.filename or target}: cannot be written ({error.strerror or error})") from error


def _synthesize(source: Path, target: Path, recipe: Recipe, jobs: int) -> dict[str, Any]:
    degradation = build_from("degradation", recipe.degradation, "degradation")
    if recipe.level is not None and not isinstance(degradation, LinearDarkening):
        raise LowfaceError(f"level {recipe.level}: only the degradation linear can be steered to a level; leave it out")
    layout = recognise(source, recipe.layout)
    found = open_source(source, layout)
    wanted = {name: value for name, value in asdict(recipe).items() if name != "layout"}
    settings = {"lowface": __version__, "source": found.fingerprint, "layout": layout, **wanted}
    done = _journal(target, settings)
    if (target / MANIFEST).exists() and done is None:
        manifest: dict[str, Any] = read_json(target / MANIFEST)
        if all(_target(target, name, recipe.suffix).exists() for name in manifest["pictures"]):
            return manifest
    before, left_out = _levels(found, recipe, jobs)
    turn, interval = 0, None
    if recipe.level is not None:
        degradation, turn = accept_level(before, degradation, recipe.level, recipe.tolerance * MARGIN, recipe.seed)
        interval = [degradation.low, degradation.high]
    records = dict(done or {})
    names = [n for n in before if n not in records or not _target(target, n, recipe.suffix).exists()]
    if done is None:
        begun = json.dumps(settings) + "\n"
        write_whole(target / JOURNAL, lambda part: part.write_text(begun, encoding="utf-8"))
    work = functools.partial(_make, target, recipe, degradation, turn)
    with naming(target / JOURNAL), (target / JOURNAL).open("a", encoding="utf-8") as journal:
        journal.write("\n")  # ends a line that may have been cut short
        for name, record in each(work, [(name, found.entries[name]) for name in names], jobs, "darkening"):
            records[name] = {**record, "before": before[name]}
            journal.write(json.dumps({name: records[name]}) + "\n")
            journal.flush()
    splits = {split: [name for name in names if name in before] for split, names in found.splits.items()}
    if splits:
        write_json(target / "split.json", splits)
    mean = {moment: float(np.mean([records[n][moment] for n in before])) for moment in ("before", "after")}
    if recipe.level is not None and abs(mean["after"] - recipe.level) >= recipe.tolerance:
        raise DataError(f"{target}: mean brightness {mean['after']:.4f}, not {recipe.level}; clipping moved it")
    manifest = {
        **settings,
        "interval": interval,
        "draw": turn,
        "brightness": mean,
        "left_out": left_out,
        "pictures": {
            name: {"source": found.entries[name].picture.relative_to(source).as_posix(), **records[name]}
            for name in before
        },
    }
    for folder in target.iterdir():
        drop_parts(folder)
    write_json(target / MANIFEST, manifest)
    (target / JOURNAL).unlink(missing_ok=True)
    return manifest


def _journal(target: Path, settings: dict[str, Any]) -> dict[str, Any] | None:
    """What an interrupted run with the same settings has done; None when there was none.

    Raises:
        LowfaceError: the folder holds something else.
    """
    plain = json.loads(json.dumps(settings))
    for path in (target / JOURNAL, target / MANIFEST):
        if not path.exists():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = text.splitlines() if path.name == JOURNAL else [text]
        rows = []
        for line in lines:
            with contextlib.suppress(ValueError):  # the last line may have been cut short
                rows.append(json_of(line))
        recorded = rows[0] if rows and isinstance(rows[0], dict) else {}
        other = [key for key, value in plain.items() if recorded.get(key) != value]
        if other:
            raise LowfaceError(f"{path}: was made with another {other[0]}; give another folder, or remove this one")
        return {name: record for row in rows[1:] for name, record in row.items()} if path.name == JOURNAL else None
    if any(entry.name != LOCK for entry in target.iterdir()):
        raise LowfaceError(f"{target}: is not empty and was not made by lowface synthesize; give another folder")
    return None


def _target(root: Path, name: str, suffix: str) -> Path:
    return root / "underexposed" / f"{name}{suffix}"


def _levels(found: Source, recipe: Recipe, jobs: int) -> tuple[dict[str, float], dict[str, str]]:
    """Brightness of every picture that is used, and why the others are not."""
    used: dict[str, float] = {}
    left_out: dict[str, str] = {}
    pairs = [(name, entry.picture) for name, entry in found.entries.items()]
    for name, level, side, fault in each(_measure, pairs, jobs, "measuring"):
        if fault is not None and not recipe.skip_unreadable:
            raise DataError(f"{fault} (--skip-unreadable leaves such pictures out)")
        if fault is not None:
            left_out[name] = "unreadable"
        elif side < recipe.min_size:
            left_out[name] = f"shortest side {side} px"
        else:
            used[name] = level
    if not used:
        raise DataError(f"no picture of {recipe.min_size} px or more can be read")
    return used, left_out


def _measure(pair: tuple[str, Path]) -> tuple[str, float, int, str | None]:
    name, path = pair
    try:
        image = read_image(path)
    except DataError as error:
        return name, 0.0, 0, str(error)
    return name, mean_luma(image), min(image.shape[1:]), None


def _make(
    target: Path, recipe: Recipe, degradation: Any, turn: int, task: tuple[str, Entry]
) -> tuple[str, dict[str, Any]]:
    """Writes one picture's files, the low-light one last: where it is, the others are."""
    name, entry = task
    low, drawn = degradation(read_image(entry.picture), generator(recipe.seed, name, turn))
    for folder, file in (("normal", entry.picture), ("seg", entry.labels)):
        if isinstance(file, Path):
            copy = target / folder / f"{name}{file.suffix.lower()}"
            write_whole(copy, lambda part, file=file: shutil.copyfile(file, part))  # type: ignore[misc]
    if isinstance(entry.labels, Masks):
        labels = PictureStore(None, cache=False).labels(entry.labels, like=entry.picture)
        picture = Image.fromarray(labels.astype(np.uint8))
        write_whole(target / "seg" / f"{name}.png", lambda part: picture.save(part, "PNG"))
    path = _target(target, name, recipe.suffix)
    write_image(path, low)
    return name, {**drawn, "after": mean_luma(read_image(path))}
