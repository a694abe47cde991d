"""The campaign: its checkers find faults that are planted, and a short one finds none in lowface."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

JOB = ("fake", ("fake",), (("fake",),), "done.json")
WHOLE = json.dumps({"numbers": list(range(40000))}) + "\n"


@pytest.fixture(scope="module")
def campaign(root: Path, tool: Callable[[str], ModuleType]) -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root / "tools"))
        yield tool("campaign")


@pytest.fixture
def faults(campaign: ModuleType, tmp_path: Path) -> Callable[..., list[str]]:
    """What one kind finds in several tries of a command that is not lowface."""
    from trials.jobs import Job
    from trials.workshop import Workshop

    def found(kind: str, entry: Callable[[], object], tries: int = 6) -> list[str]:
        shop = Workshop(tmp_path / "shop", entry, {"fake": Job(*JOB)})
        for name in ("run/last.pth", "people/a/a_0001.png"):
            (shop.inputs / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(shop.inputs / "photos" / "p0.png", shop.inputs / name)
        (shop.inputs / "pairs.csv").write_text("first,second,same\n" + "a.png,b.png,1\n" * 4)
        shop.__dict__["checkpoint"] = b"x" * 300
        return [fault for n in range(tries) for fault in campaign.attempt(shop, 1, kind, n).faults]

    return found


def good() -> None:
    """A command that writes whole or not at all, and names the file."""
    part = Path("out", f".{os.getpid()}.json")
    try:
        part.write_text(WHOLE)
        time.sleep(0.1)
        part.replace("out/done.json")
    except OSError as error:
        sys.exit(f"out/done.json: cannot be written ({error.strerror})")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        part.unlink(missing_ok=True)


def in_halves() -> None:
    with Path("out/done.json").open("w") as file:
        file.write(WHOLE[:100])
        file.flush()
        time.sleep(0.3)
        file.write(WHOLE[100:])


def without_a_word_of_the_disk() -> None:
    try:
        Path("out/done.json").write_text(WHOLE)
    except OSError:
        Path("out/done.json").write_text("{}\n")


def added() -> None:
    Path("out").mkdir(exist_ok=True)
    with Path("out/done.json").open("a") as file:
        file.write(WHOLE)
        time.sleep(0.2)


def traceback() -> None:
    raise ValueError("nobody expected this")


def unexpected() -> None:
    sys.exit("lowface: unexpected KeyError: 'x'")


def never_ends() -> None:
    time.sleep(60)


def leaves_a_process() -> None:
    if os.fork() == 0:
        time.sleep(60)


def loses_pictures() -> None:
    Path("out").mkdir()
    shutil.copy("photos/p0.png", "out/p0.png")


def refuses_and_writes() -> None:
    loses_pictures()
    sys.exit("refused")


def other_pictures() -> None:
    """Whatever the checkpoint, a picture; by the whole one another."""
    target = Path(sys.argv[sys.argv.index("-o") + 1] if "-o" in sys.argv else "out")
    target = target if target.suffix else target / "p0.png"
    target.parent.mkdir(parents=True)
    shutil.copy("photos/p0.png" if "run" in sys.argv else "photos/p1.png", target)


def believes_the_cache() -> None:
    cache, out = Path("cache/entry"), Path(sys.argv[-1])
    cache.parent.mkdir(exist_ok=True)
    if not cache.exists():
        cache.write_bytes(b"right" * 50)
    out.mkdir()
    (out / "result.txt").write_bytes(cache.read_bytes())


def prints_names_raw() -> None:
    for path in os.listdir(b"odd"):
        os.write(1, path + b"\n")


def drops_a_row() -> None:
    Path("out").mkdir()
    Path("out/pictures.jsonl").write_text("{}\n" * 3)


def says_nothing() -> None:
    pass


def loses_an_input() -> None:
    Path("photos/p0.png").unlink()


def on_a_full_disk() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


PLANTED: tuple[tuple[str, Callable[[], object], str], ...] = (
    ("kills", in_halves, "half-written"),
    ("file limits", without_a_word_of_the_disk, "done.json differs"),
    ("twins", added, "half-written"),
    ("twins", unexpected, "campaign: RuntimeError"),  # a command that fails undisturbed is no reference
    ("pictures", loses_pictures, "good pictures lost: 1 of 6"),
    ("pictures", says_nothing, "passed over in silence"),
    ("checkpoints", other_pictures, "nonsense accepted: other pictures"),
    ("checkpoints", refuses_and_writes, "refuses, but writes"),
    ("caches", believes_the_cache, "with damaged caches: result.txt differs"),
    ("caches", says_nothing, "no cache was written"),
    ("names", prints_names_raw, "control character"),
    ("names", says_nothing, "pictures written"),
    ("pairs", drops_a_row, "rows lost: 3 of"),
    ("configs", says_nothing, "nonsense accepted"),
    ("configs", traceback, "traceback: ValueError: nobody expected this"),
    ("trainings", says_nothing, "ends well without a summary"),
    ("lines", loses_an_input, "input lost: photos/p0.png"),
    ("lines", unexpected, "unexpected KeyError"),
    ("lines", on_a_full_disk, "traceback: OSError"),
)


@pytest.mark.parametrize(("kind", "entry", "fault"), PLANTED)
def test_a_planted_fault_is_found(
    faults: Callable[..., list[str]], kind: str, entry: Callable[[], object], fault: str
) -> None:
    assert any(
        fault in one
        for one in faults(kind, entry, {"configs": 12, "names": 5, "checkpoints": 6, "kills": 4}.get(kind, 2))
    )


@pytest.mark.parametrize("kind", ["kills", "file limits", "twins"])
def test_a_command_that_writes_whole_or_not_at_all_has_none(faults: Callable[..., list[str]], kind: str) -> None:
    assert faults(kind, good, 3) == []


def test_a_full_disk(faults: Callable[..., list[str]]) -> None:
    from trials.stops import may_mount

    if not may_mount():
        pytest.skip("needs the right to mount a file system")
    assert faults("full disks", good, 3) == []


def test_what_hangs_and_what_is_left_running(faults: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trials.process.PATIENCE", 0.5)
    assert "hang" in faults("lines", never_ends, 1)


def test_processes_left_running(faults: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trials.process.GRACE", 0.2)
    assert any("left running" in fault for fault in faults("lines", leaves_a_process, 1))


def test_a_try_follows_from_seed_kind_and_number(campaign: ModuleType) -> None:
    from trials.mutation import mutate, spoiled

    def drawn(seed: int, number: int) -> list[Any]:
        rng = campaign.draw(seed, "configs", number)
        config = {"a": {"b": [1, 2]}, "c": "text"}
        return [spoiled(b"x" * 100, rng), mutate(config, rng), json.dumps(config)]

    assert drawn(5, 1) == drawn(5, 1)
    assert len({str(drawn(seed, number)) for seed in (5, 6) for number in range(10)}) > 15
    assert isinstance(campaign.draw(0, "kills", 0), random.Random)


def test_a_child_that_is_killed_at_once_has_said_nothing(campaign: ModuleType, tmp_path: Path) -> None:
    from trials.process import Place

    place = Place(tmp_path / "place", entry=lambda: None)
    for _ in range(5):
        running = place.start(())
        running.signal(signal.SIGKILL)
        said = running.wait()
        assert (said.out, said.err) == ("", "")


def test_what_is_put_into_a_config_stays_what_it_is(campaign: ModuleType) -> None:
    """Lists and dicts among the odd values are copied, or later tries would depend on earlier ones."""
    from trials.mutation import ODD, mutate

    before, rng = repr(ODD), random.Random(3)
    for _ in range(100):
        config = {"a": {"b": [1, 2]}, "c": "text"}
        for _ in range(8):
            mutate(config, rng)
        json.dumps(config)  # nothing holds itself
    assert repr(ODD) == before


@pytest.mark.slow
def test_a_short_campaign_finds_nothing(root: Path, python: Callable[..., Any]) -> None:
    done = python(root / "tools" / "campaign.py", "--seed", 17, "--length", "short")
    assert done.code == 0, done.out
    assert "lines: 28 tries, 0 faults" in done.out
