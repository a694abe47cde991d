"""One command of lowface as a process of its own, forked from one in which everything is imported already."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import pkgutil
import resource
import shlex
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from lowface_core.data.normal_form import printable

#: Whether what commands say is shown: a list that holds a function for it.
SHOWN: list[Callable[[str], object]] = []
#: A command that takes longer hangs; those of the campaign take seconds.
PATIENCE = 120.0
#: Seconds in which the processes that a command started must have ended after it.
GRACE = 5.0
#: Bytes that a command may use: a number beyond the machine must not take the machine along.
MEMORY = 6 * 2**30


class Said(NamedTuple):
    """How a command ended.

    Attributes:
        code: exit code; negative: the signal that ended it.
        left: command lines of processes of its group that were still there five seconds later.
        temporary: names of what it left among temporary files.
    """

    words: tuple[str, ...]
    code: int
    out: str
    err: str
    seconds: float
    hung: bool
    left: tuple[str, ...]
    temporary: tuple[str, ...]


class Place:
    """The folder of one try: where its commands work, with a home and temporary files of their own.

    Args:
        root: it is made.
        inputs: a folder whose content the commands find where they work.
        entry: what a command runs; returns or exits as ``lowface``'s main does.
    """

    def __init__(self, root: Path, inputs: Path | None = None, entry: Callable[[], object] | None = None) -> None:
        self.root, self.work, self.entry = root, root / "work", entry or lowface
        self.work.mkdir(parents=True)
        if inputs is not None:
            shutil.copytree(inputs, self.work, symlinks=True, dirs_exist_ok=True)
        for name in ("home", "tmp"):
            (root / name).mkdir()
        self.count = 0

    def start(self, words: Sequence[str], file_limit: int | None = None) -> Running:
        """Starts a command; ``file_limit``: bytes that no file may exceed. What it imports stands in ``modules``."""
        self.count += 1
        sys.stdout.flush()
        sys.stderr.flush()
        for name in ("out", "err"):  # here, for a child that is killed at once makes none
            (self.root / f"{self.count}.{name}").touch()
        pid = os.fork()
        if pid == 0:
            _become(self, words, file_limit)
        with contextlib.suppress(OSError):  # the child may have been quicker
            os.setpgid(pid, pid)
        return Running(self, pid, tuple(words), self.count)

    def run(self, words: Sequence[str], file_limit: int | None = None) -> Said:
        """Starts a command and waits for its end."""
        return self.start(words, file_limit).wait()


class Running:
    """A command under way."""

    def __init__(self, place: Place, pid: int, words: tuple[str, ...], number: int) -> None:
        self.place, self.pid, self.words, self.number = place, pid, words, number
        self.began, self.status = time.monotonic(), -1

    def ended(self, within: float) -> bool:
        """Whether it ends within so many seconds."""
        until = time.monotonic() + within
        while self.status < 0:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
            elif time.monotonic() >= until:
                return False
            else:
                time.sleep(0.005)
        return True

    def signal(self, number: int) -> None:
        """Sends a signal to the whole process group, as a terminal, ``timeout`` and batch systems do."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def wait(self) -> Said:
        """Waits for the end; one that does not come is a hang, and everything of it is killed."""
        hung = not self.ended(PATIENCE)
        if hung:
            self.signal(signal.SIGKILL)
            self.ended(10)
        seconds, until = time.monotonic() - self.began, time.monotonic() + GRACE
        while (left := _group(self.pid)) and time.monotonic() < until and not hung:
            time.sleep(0.02)
        for process in left:
            os.kill(process, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(self.status) if self.status >= 0 else -9
        out, err = (
            (self.place.root / f"{self.number}.{name}").read_bytes().decode(errors="surrogateescape")
            for name in ("out", "err")
        )
        temporary = tuple(sorted(path.name for path in (self.place.root / "tmp").iterdir()))
        lines = tuple(_command_line(process) for process in left)
        for show in SHOWN:
            show(f"$ lowface {shlex.join(self.words)}\n{printable(out + err)}[exit code {code}, {seconds:.1f} s]")
        return Said(self.words, code, out, err, seconds, hung, lines, temporary)


def _group(leader: int) -> list[int]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != leader:
            try:
                fields = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == leader and fields[0] != "Z":
                found.append(int(entry))
    return found


def _command_line(process: int) -> str:
    try:
        return Path("/proc", str(process), "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:200]
    except OSError:
        return f"process {process}"


def _become(place: Place, words: Sequence[str], file_limit: int | None) -> None:
    """The child: a session of its own, files for what it says, then the command; never returns."""
    code = 1
    try:
        os.setpgid(0, 0)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        for stream, name in ((0, ""), (1, "out"), (2, "err")):
            path = str(place.root.resolve() / f"{place.count}.{name}") if name else os.devnull
            handle = os.open(path, os.O_RDWR | (os.O_CREAT if name else 0))
            os.dup2(handle, stream)
            os.close(handle)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
        os.chdir(place.work)
        os.environ.update(
            HOME=str(place.root / "home"), LOWFACE_HOME=str(place.root / "home" / "lowface"), LOWFACE_OFFLINE="1"
        )
        os.environ["TMPDIR"], tempfile.tempdir = str(place.root / "tmp"), None
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        if file_limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
        sys.argv = ["lowface", *words]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            place.entry()
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
            if isinstance(error.code, str):
                print(error.code, file=sys.stderr)
        except BaseException:
            traceback.print_exc()
        (place.root / "modules").write_text("\n".join(sys.modules))
        threading._shutdown()  # type: ignore[attr-defined]  # as Python ends: threads that are waited for,
        atexit._run_exitfuncs()  # then what was registered
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def lowface() -> None:
    """The command line."""
    from lowface_core.cli import main

    main()


def import_everything() -> None:
    """Imports all of lowface and torch, so that a command that is forked starts at once."""
    threads = threading.active_count()
    names = ["lowface_core", *sorted(m.name for m in pkgutil.iter_modules() if m.name.startswith("lowface_"))]
    for name in dict.fromkeys(names):
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not {"testing", "templates", "__main__"} & set(module.name.split(".")):
                try:
                    importlib.import_module(module.name)
                except ImportError:  # of an extra that is not here
                    continue
    from PIL import Image

    from lowface_core.registry.loader import plugins

    Image.init()
    plugins()
    _stay_alone(threads)


def import_modules(names: Sequence[str]) -> None:
    """Imports what a command imported while it worked, for those to come."""
    threads = threading.active_count()
    for name in names:
        if name not in sys.modules and not name.startswith("__"):
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    _stay_alone(threads)


def _stay_alone(before: int) -> None:
    if threading.active_count() > before:
        raise RuntimeError("importing lowface started threads, which a fork would lose")
