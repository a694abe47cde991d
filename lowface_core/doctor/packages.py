"""Installed versions against those that lowface was tested with, and that what is installed can be imported."""

from __future__ import annotations

import importlib
import importlib.metadata
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from lowface_core.doctor.finding import FAULT, OK, WARNING, Finding
from lowface_core.registry.registration import cause
from lowface_core.registry.trace import diverted


@dataclass(frozen=True)
class Package:
    """A package that lowface stands on.

    Attributes:
        name: of the distribution.
        module: what is imported to see whether it works; empty: not tried.
        least: oldest version that works; empty: any. The same bound as in pyproject.toml, and so is ``below``.
        below: first version that does not; empty: none known.
        tested: newest version that the tests ran with.
        instead: distributions that supply the same module.
    """

    name: str
    module: str
    least: str
    below: str
    tested: str
    instead: tuple[str, ...] = ()


_HEADLESS = ("opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")
PACKAGES = (
    Package("torch", "torch", "2.6", "", "2.15"),
    Package("torchvision", "torchvision", "0.21", "", "0.29"),
    Package("mmcv-lite", "mmcv", "2.1", "2.2", "2.1", ("mmcv",)),
    Package("mmengine", "mmengine", "0.10.7", "0.11", "0.10"),
    Package("mmsegmentation", "mmseg", "1.2.2", "1.3", "1.2"),  # for its models see weight_files
    Package("facenet-pytorch", "facenet_pytorch", "2.5.3", "2.6", "2.5"),
    Package("timm", "timm", "1.0", "", "1.0"),
    Package("numpy", "numpy", "1.26", "", "2.4"),
    Package("opencv-python", "cv2", "4.10", "", "5.0", _HEADLESS),
    Package("pillow", "PIL", "10", "", "13"),
    Package("pluggy", "pluggy", "1.5", "", "1.7"),
    Package("click", "click", "8.1", "", "8.5"),
    Package("jinja2", "jinja2", "3.1", "", "3.1"),
    Package("pyyaml", "yaml", "6", "", "6"),
    Package("rich", "rich", "13", "", "15"),
    Package("safetensors", "safetensors", "0.4", "", "0.8"),
    Package("scipy", "scipy", "1.11", "", "1.17"),
    Package("tensorboard", "tensorboard", "2.16", "", "2.21"),
    Package("ftfy", "ftfy", "", "", "6"),
    Package("regex", "regex", "", "", ""),
    Package("setuptools", "", "", "", ""),
)


def check() -> Iterator[Finding]:
    """One finding a package."""
    for package in PACKAGES:
        yield examine(package)
    if installed("mmcv") and installed("mmcv-lite"):
        cure = "pip uninstall mmcv mmcv-lite, then pip install one of them"
        yield Finding(WARNING, "mmcv and mmcv-lite are both installed, into the same folder", cure)


def installed(name: str) -> str | None:
    """Version of an installed distribution."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def examine(package: Package) -> Finding:
    """Whether a package is there, in a version that will do, and can be imported."""
    name, version = package.name, installed(package.name)
    for other in package.instead:
        if version is None and (version := installed(other)):
            name = other
    wanted = requirement(package)
    cure = f'pip install "{wanted}"'
    if version is None:
        return Finding(FAULT, f"{package.name} is not installed", cure)
    told = f"{name} {version}"
    if name == package.name and not _inside(version, package):
        return Finding(FAULT, f"{told}: lowface needs {wanted.removeprefix(name)}", cure)
    if package.module and (failure := import_failure(package.module)):
        return Finding(FAULT, f"{told} cannot be imported: {failure}", f'pip install --force-reinstall "{wanted}"')
    if package.tested and numbers(version)[: len(numbers(package.tested))] > numbers(package.tested):
        cure = f'if something fails, pip install "{package.name}=={package.tested}.*"'
        return Finding(WARNING, f"{told}: newer than the newest tested, {package.tested}", cure)
    return Finding(OK, told)


def requirement(package: Package) -> str:
    """What pyproject.toml says of a package, e.g. ``mmengine>=0.10.7,<0.11``."""
    bounds = [f">={package.least}" if package.least else "", f"<{package.below}" if package.below else ""]
    return package.name + ",".join(filter(None, bounds))


def numbers(version: str) -> tuple[int, ...]:
    """``2.15.0+cpu`` → (2, 15, 0): enough to compare releases."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()


def _inside(version: str, package: Package) -> bool:
    here = numbers(version)
    if package.least and here < numbers(package.least):
        return False
    return not (package.below and here >= numbers(package.below))


def import_failure(module: str) -> str | None:
    """Why a module cannot be imported, in one line; None when it can."""
    try:
        with warnings.catch_warnings(), diverted(module):
            warnings.simplefilter("ignore")
            importlib.import_module(module)
    except (Exception, SystemExit) as error:
        return cause(error)
    return None
