"""Tries to make lowface lose or spoil something: kills, full disks, twins, hostile files, mutated configs and lines.

    python tools/campaign.py [--seed N] [--length short|full] [--kinds LIST] [--write FILE.json]
    python tools/campaign.py --seed N --only KIND:NUMBER

Every try is drawn from the seed, its kind and its number alone, so that the second form repeats one. Commands run as
processes forked from this one, in temporary folders. A fault is a traceback, "unexpected", a hang, a half-written file
under a final name, a folder that looks finished and is not, nonsense accepted, a picture or record lost, a process or
temporary file left behind. Exits with 1 if there are any. Needs Linux; full disks need the right to mount.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

from trials import configs, damaged, lines, pictures, stops
from trials.jobs import JOBS
from trials.process import SHOWN, import_everything
from trials.workshop import Tried, Workshop


class Kind(NamedTuple):
    """A kind of try, and how many of it a campaign of each length makes."""

    attempt: Callable[[Workshop, random.Random, int], Tried]
    short: int
    full: int
    about: str


KINDS = {
    "kills": Kind(stops.kill, 9, 128, "SIGKILL, SIGINT or SIGTERM to the process group at a random moment, then again"),
    "full disks": Kind(stops.full, 3, 42, "a file system of 4 KiB to 1 MiB, then again with room"),
    "file limits": Kind(stops.limit, 3, 42, "files of at most 4 to 256 KiB, then again without"),
    "twins": Kind(stops.twins, 3, 28, "the same command twice at once in one folder"),
    "pictures": Kind(pictures.picture, 10, 120, "pictures damaged, lying about themselves, or no pictures"),
    "checkpoints": Kind(damaged.checkpoint, 6, 100, "checkpoints damaged or crafted"),
    "caches": Kind(damaged.cache, 1, 8, "caches of pictures and galleries damaged"),
    "names": Kind(pictures.name, 10, 80, "names with control characters, no UTF-8, too long, two spellings"),
    "pairs": Kind(damaged.pairs, 2, 24, "lists of pairs damaged or written otherwise"),
    "configs": Kind(configs.check, 40, 510, "configs mutated, then checked; the JSON schema is asked, too"),
    "trainings": Kind(configs.train, 2, 16, "mutated configs that the check accepts, trained for two iterations"),
    "lines": Kind(lines.line, 28, 308, "command lines mutated"),
}


def draw(seed: int, kind: str, number: int) -> random.Random:
    """The randomness of one try."""
    return random.Random(f"{seed}/{kind}/{number}")


def attempt(shop: Workshop, seed: int, kind: str, number: int) -> Tried:
    """One try; what goes wrong in the campaign itself is a fault of its own kind."""
    try:
        return KINDS[kind].attempt(shop, draw(seed, kind, number), number)
    except Exception as error:
        return Tried("the campaign itself", [f"campaign: {type(error).__name__}: {error}"])


def campaign(shop: Workshop, seed: int, counts: dict[str, int], say: Callable[[str], None]) -> list[dict[str, object]]:
    """Runs every kind; a row each with tries, seconds and faults."""
    rows = []
    for kind, count in counts.items():
        began, faults = time.monotonic(), []
        for number in range(count):
            tried = attempt(shop, seed, kind, number)
            for fault in tried.faults:
                repeat = f"python tools/campaign.py --seed {seed} --only {kind.replace(' ', '-')}:{number}"
                faults.append({"fault": fault, "tried": tried.what, "repeat": repeat})
                say(f"  {fault!r}\n    {tried.what!r}\n    {repeat}")
        seconds = round(time.monotonic() - began)
        rows.append({"kind": kind, "about": KINDS[kind].about, "tries": count, "seconds": seconds, "faults": faults})
        say(f"{kind}: {count} tries, {len(faults)} faults, {seconds} s")
    return rows


def markdown(rows: list[dict[str, object]]) -> str:
    """The table for docs/reliability.md."""
    head = "| Kind | What is done | Tries | Faults |\n|---|---|---:|---:|\n"
    return head + "".join(f"| {r['kind']} | {r['about']} | {r['tries']} | {len(r['faults'])} |\n" for r in rows)  # type: ignore[arg-type]


def main() -> int:
    """Runs a campaign, or repeats a try."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--length", choices=("short", "full"), default="short")
    parser.add_argument("--kinds", help="these alone, e.g. kills,lines")
    parser.add_argument("--only", metavar="KIND:NUMBER", help="repeat one try")
    parser.add_argument(
        "--write", type=Path, metavar="FILE.json", help="write the figures, and a table FILE.md beside it"
    )
    args = parser.parse_args()
    chosen = [kind.strip().replace("-", " ") for kind in args.kinds.split(",")] if args.kinds else list(KINDS)
    if unknown := [kind for kind in chosen if kind not in KINDS]:
        parser.error(f"no kind {unknown[0]!r}; there are {', '.join(KINDS)}")
    import_everything()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is mounted and made goes
    folder = tempfile.mkdtemp(prefix="campaign-")  # TemporaryDirectory would go when the first child ends
    try:
        dear = args.length == "full" or bool(args.only)
        shop = Workshop(Path(folder, "shop"), jobs={n: job for n, job in JOBS.items() if dear or not job.dear})
        shop.finish()
        if args.only:
            kind, _, number = args.only.partition(":")
            SHOWN.append(print)
            tried = attempt(shop, args.seed, kind.replace("-", " "), int(number))
            print(f"{tried.what!r}", *(f"  {fault!r}" for fault in tried.faults or ["no fault"]), sep="\n")
            return int(bool(tried.faults))
        counts = {kind: KINDS[kind].full if args.length == "full" else KINDS[kind].short for kind in chosen}
        if not stops.may_mount() and counts.pop("full disks", None):
            print("full disks: left out, this process may not mount")
        rows = campaign(shop, args.seed, counts, lambda text: print(text, flush=True))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(markdown(rows))
    if args.write:
        content = {"seed": args.seed, "length": args.length, "results": rows}
        args.write.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        args.write.with_suffix(".md").write_text(markdown(rows), encoding="utf-8")
    return int(any(row["faults"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
