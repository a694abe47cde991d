"""Python, operating system, processors, memory; devices and threads, and whether torch computes there; folders."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lowface_core
from lowface_core.doctor.finding import FAULT, OK, WARNING, Finding
from lowface_core.processors import processors
from lowface_core.registry.discovery import installed
from lowface_core.registry.registration import cause
from lowface_core.weights.record import home

#: Oldest Python that works, newest that the tests ran with.
PYTHON = ((3, 10), (3, 13))
#: The default recipe peaks at 2.1 GiB.
GIB_WANTED = 4
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")


def check() -> Iterator[Finding]:
    """What the machine is."""
    yield from _installation()
    yield _python(sys.version_info[:2])
    yield _system(platform.system())
    cores = processors()
    yield Finding(OK, f"{cores} processor{'s' if cores > 1 else ''} ({platform.machine()})")
    yield _memory(memory_gib())


def _installation() -> Iterator[Finding]:
    """Which lowface this is, and that its metadata and its command are of the same one."""
    here = f"lowface {lowface_core.__version__}, in {Path(lowface_core.__file__).parent}"
    known = installed("lowface")
    if known != lowface_core.__version__:
        what = f"{here}; what is installed is {known or 'no lowface'}, so plugins and commands may be another version's"
        yield Finding(WARNING, what, "install again: pip install lowface, or pip install -e . in a checkout")
    else:
        yield Finding(OK, here)
    command = shutil.which("lowface")
    if command and Path(command).parent.resolve() != Path(sys.executable).parent.resolve():
        what = f"the command lowface is {command}, of another environment than this Python, {sys.executable}"
        yield Finding(WARNING, what, "activate one environment, or write python -m lowface_core in place of lowface")


def _python(version: tuple[int, ...]) -> Finding:
    oldest, newest = (".".join(map(str, bound)) for bound in PYTHON)
    what = f"Python {platform.python_version()}, in {sys.prefix}"
    if version < PYTHON[0]:
        return Finding(FAULT, f"{what}: too old", f"use Python {oldest} to {newest}")
    if version > PYTHON[1]:
        return Finding(WARNING, f"{what}: newer than tested", f"if something fails, use Python {newest}")
    return Finding(OK, what)


def _system(name: str) -> Finding:
    if name == "Windows":
        return Finding(FAULT, "Windows: file locks and signals are POSIX", "use Linux or macOS; on Windows, WSL")
    return Finding(OK, platform.platform())


def memory_gib(limit: Path = Path("/sys/fs/cgroup/memory.max")) -> float | None:
    """Memory that this process may use, in GiB: the machine's, or its container's where that is less."""
    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None
    with contextlib.suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        found = min(found, int(limit.read_text()))
    return found / 2**30


def _memory(gib: float | None) -> Finding:
    if gib is None:
        return Finding(OK, "memory: unknown")
    if gib < GIB_WANTED:
        cure = "set a smaller batch_size and cache_size, num_workers=0"
        return Finding(WARNING, f"{gib:.1f} GiB of memory; recipes want {GIB_WANTED}", cure)
    return Finding(OK, f"{gib:.1f} GiB of memory")


def check_devices() -> Iterator[Finding]:
    """What ``device = "auto"`` would take, every device tried with a small product, and the threads."""
    yield from threads_set(processors())
    try:
        import torch
    except (Exception, SystemExit) as error:
        yield Finding(FAULT, f"torch cannot be imported: {cause(error)}", "see pytorch.org on how to install it here")
        return
    threads = torch.get_num_threads()
    yield _computes(torch, "cpu", f"{threads} thread{'' if threads == 1 else 's'}")
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            facts = torch.cuda.get_device_properties(index)
            yield _computes(torch, f"cuda:{index}", f"{facts.name}, {facts.total_memory / 2**30:.0f} GiB")
    elif shutil.which("nvidia-smi"):
        built = f"was built for CUDA {torch.version.cuda}" if torch.version.cuda else "is a build without CUDA"
        cure = "install a torch build that fits the driver, or update the driver; until then everything runs on the CPU"
        yield Finding(WARNING, f"there is an NVIDIA driver, but torch {torch.__version__} {built} sees no GPU", cure)
    if torch.backends.mps.is_available():
        yield _computes(torch, "mps", "Apple GPU")
    from lowface_core.device import pick

    yield Finding(OK, f"device = 'auto' means {pick('auto')}")


def _computes(torch: Any, device: str, what: str) -> Finding:
    try:
        x = torch.ones(8, 8, device=device)
        right = bool(((x @ x) == 8).all())
    except Exception as error:
        cure = "choose another with --device, e.g. --device cpu; restarting or updating the driver may help"
        return Finding(FAULT, f"{device} ({what}) does not compute: {cause(error)}", cure)
    if not right:
        return Finding(FAULT, f"{device} ({what}) computes wrong numbers", "choose another with --device")
    return Finding(OK, f"{device}: {what}")


def threads_set(cores: int) -> Iterator[Finding]:
    """Findings about the variables that set the number of threads."""
    for name in THREADS:
        value = os.environ.get(name)
        if value is None:
            continue
        if not value.isdigit() or int(value) < 1:
            yield Finding(FAULT, f"{name}={value}: no number of threads", f"write {name}={cores}, or unset it")
        elif int(value) > cores:
            what = f"{name}={value}, and there are {cores} processors: threads get in each other's way"
            yield Finding(WARNING, what, f"write {name}={cores}, or unset it")
        else:
            yield Finding(OK, f"{name}={value}")


#: GiB that a run and its weights need; under the second little works.
ROOM, TIGHT = 2.0, 0.1


def check_places() -> Iterator[Finding]:
    """Folders that lowface writes to: the weight store, the current folder, the folder of temporary files."""
    yield from place(home(), "the weight store (LOWFACE_HOME)", "set LOWFACE_HOME to a folder of yours", FAULT)
    try:
        here = Path.cwd()
    except OSError:
        yield Finding(WARNING, "the current folder has gone", "cd to another one")
    else:
        cure = "run lowface where you may write, or give --work-dir"
        yield from place(here, "the current folder, where work_dirs/ goes", cure, WARNING)
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError as error:
        yield Finding(FAULT, f"there is no folder for temporary files ({error.strerror})", "set TMPDIR")
    else:
        yield from place(temporary, "the folder of temporary files", "set TMPDIR to a folder of yours", WARNING)


def place(path: Path, what: str, cure: str, level: str) -> Iterator[Finding]:
    """Findings about one folder.

    Args:
        path: it need not exist yet; then the folder that it would be made in is looked at.
        what: what it is for.
        cure: what to do when it cannot be written.
        level: of a folder that cannot be written.
    """
    path = Path(os.path.abspath(path.expanduser()))
    existing = next((folder for folder in (path, *path.parents) if os.path.lexists(folder)), path)
    reason = _refusal(existing)
    if reason:
        where = "" if existing == path else f" {existing}"
        yield Finding(level, f"{path}, {what}, cannot be written: {where.strip() or 'it'} {reason}", cure)
        return
    gib = shutil.disk_usage(existing).free / 2**30
    text = f"{path}, {what}: can be {'written' if existing == path else 'made'}, {gib:.1f} GiB free"
    if gib < ROOM:
        yield Finding(FAULT if gib < TIGHT else WARNING, text, f"make room, or {cure}")
    else:
        yield Finding(OK, text)


def _refusal(folder: Path) -> str | None:
    """Why no file can be made in a folder; None when one can."""
    if not folder.is_dir():
        return "is a file, not a folder" if folder.exists() else "is a link to nowhere"
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return f"refuses ({error.strerror})"
