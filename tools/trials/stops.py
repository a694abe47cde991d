"""Commands that are disturbed: killed at a random moment, on a full disk, two at once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from pathlib import Path

from trials.jobs import Job
from trials.process import Place, Said
from trials.verdict import content, differences, fingerprints, halves, lost, remains, spoken
from trials.workshop import Tried, Workshop

SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)


def kill(shop: Workshop, rng: random.Random, number: int) -> Tried:
    """A signal to the whole process group at a random moment; then the command again."""
    job, chosen = shop.job(number), rng.choice(SIGNALS)
    wanted, seconds = shop.wanted(job)
    moment = rng.uniform(0, seconds)
    tried = Tried(f"{job.name}: {chosen.name} after {moment:.2f} s of {seconds:.2f} s")
    before = fingerprints(shop.inputs)
    with shop.place("kill") as place:
        out = place.work / "out"
        out.mkdir()
        running = place.start(job.words)
        if not running.ended(moment):
            running.signal(chosen)
        said = running.wait()
        tried.faults += spoken(said, (0, 130, -chosen))
        if chosen != signal.SIGKILL and said.temporary:
            tried.faults.append(f"left among temporary files: {said.temporary[0]}")
        tried.faults += _state(job, wanted, out, said)
        tried.faults += _again(job, wanted, place)
        tried.faults += lost(before, place.work)
    return tried


def full(shop: Workshop, rng: random.Random, number: int) -> Tried:
    """A disk that fills up: a small file system where the command writes."""
    job = shop.job(number)
    wanted, _ = shop.wanted(job)
    size = int(2 ** rng.uniform(12, 20))
    tried = Tried(f"{job.name}: a disk of {size} bytes")
    with shop.place("full") as place:
        out = place.work / "out"
        out.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "campaign", out], check=True)
        try:
            _limited(job, wanted, place, None, tried)
            subprocess.run(["mount", "-o", "remount,size=256m", out], check=True)
            tried.faults += _again(job, wanted, place)
        finally:
            subprocess.run(["umount", "-l", out], check=True)
    return tried


def limit(shop: Workshop, rng: random.Random, number: int) -> Tried:
    """A limit on the size of files (``ulimit -f``)."""
    job = shop.job(number)
    wanted, _ = shop.wanted(job)
    size = int(2 ** rng.uniform(12, 18))  # what commands say goes to files, too
    tried = Tried(f"{job.name}: files of at most {size} bytes")
    with shop.place("limit") as place:
        (place.work / "out").mkdir()
        _limited(job, wanted, place, size, tried)
        tried.faults += _again(job, wanted, place)
    return tried


def twins(shop: Workshop, rng: random.Random, number: int) -> Tried:
    """The same command twice at once, in one folder."""
    job = shop.job(number)
    wanted, seconds = shop.wanted(job)
    pause = rng.choice((0, rng.uniform(0, seconds)))
    tried = Tried(f"{job.name}: twice, {pause:.2f} s apart")
    with shop.place("twins") as place:
        out = place.work / "out"
        out.mkdir()
        first = place.start(job.words)
        first.ended(pause)
        ends = [place.run(job.words), first.wait()]
        for said in ends:
            tried.faults += spoken(said, (0, 1))
        if all(said.code for said in ends):
            tried.faults.append(f"neither ends well: {ends[0].err[-200:]!r}, {ends[1].err[-200:]!r}")
        tried.faults += halves(out) + remains(out)
        if job.strict:
            tried.faults += differences(wanted, content(out), "two at once")
        tried.faults += lost(fingerprints(shop.inputs), place.work)
    return tried


def may_mount() -> bool:
    """Whether this process may mount a file system."""
    return (
        os.geteuid() == 0
        and subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode == 0
    )


def _limited(job: Job, wanted: dict[str, str], place: Place, size: int | None, tried: Tried) -> None:
    said = place.run(job.words, size)
    tried.faults += spoken(said, (0, 1))
    if size is not None and said.code == 0:
        tried.faults += differences(wanted, content(place.work / "out"), "ends well, but") if job.strict else []
    tried.faults += _state(job, wanted, place.work / "out", said)


def _state(job: Job, wanted: dict[str, str], out: Path, said: Said) -> list[str]:
    """Faults of what a disturbed command leaves."""
    faults = halves(out)
    if not faults and ((out / job.marker).exists() or said.code == 0):
        found = content(out)
        faults += [f"looks finished: {name} is missing" for name in wanted if name not in found]
        faults += differences(wanted, found, "looks finished") if job.strict else []
    return faults


def _again(job: Job, wanted: dict[str, str], place: Place) -> list[str]:
    """Faults of going on: the end must be as if nothing had happened."""
    ends = []
    for words in job.again:
        said = place.run(words)
        if faults := spoken(said):
            return [f"again: {fault}" for fault in faults]
        ends.append(said)
        if said.code == 0:
            break
    else:
        return [f"does not go on: {ends[-1].err[-300:]!r}"]
    out = place.work / "out"
    found = content(out)
    faults = halves(out) + remains(out)
    faults += differences(wanted, found, "after going on") if job.strict else []
    return faults + [f"after going on: {name} is missing" for name in wanted if name not in found]
