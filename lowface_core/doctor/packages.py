"""Installed versions against those that lowface needs and was tested with; and whether they can be imported."""

from __future__ import annotations

import importlib
import importlib.metadata
import warnings
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from lowface_core.doctor.finding import FAULT, OK, WARNING, Finding
from lowface_core.registry.discovery import installed
from lowface_core.registry.registration import DISTRIBUTIONS, cause
from lowface_core.registry.trace import diverted

#: Newest versions that the tests ran with, as far as their numbers mean something; the oldest are lowface's metadata's.
TESTED = {
    "click": "8.5",
    "facenet-pytorch": "2.5",
    "ftfy": "6",
    "huggingface-hub": "2.4",
    "jinja2": "3.1",
    "mmcv-lite": "2.1",
    "mmengine": "0.10",
    "mmsegmentation": "1.2",  # for its models see weight_files
    "numpy": "2.4",
    "opencv-python": "5.0",
    "pillow": "13",
    "pluggy": "1.7",
    "pydantic": "2.14",
    "pyyaml": "6",
    "rich": "15",
    "safetensors": "0.8",
    "scipy": "1.17",
    "tensorboard": "2.21",
    "timm": "1.0",
    "torch": "2.15",
    "torchvision": "0.29",
}
#: Distributions that supply the same module.
INSTEAD = {
    "mmcv-lite": ("mmcv",),
    "opencv-python": ("opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"),
}
#: Extras for work on lowface itself.
DEVELOPERS = {"dev", "docs", "test"}
MODULES = {distribution: module for module, distribution in DISTRIBUTIONS.items()}


def check() -> Iterator[Finding]:
    """One finding a package."""
    for requirement in requirements():
        yield examine(requirement)
    if installed("mmcv") and installed("mmcv-lite"):
        cure = "pip uninstall mmcv mmcv-lite, then pip install one of them"
        yield Finding(WARNING, "mmcv and mmcv-lite are both installed, into the same folder", cure)
    for extra, wanted in extras().items():
        yield _examine_extra(extra, wanted)


def requirements() -> list[Requirement]:
    """What lowface's metadata says that it needs here, without extras; nothing where lowface is not installed."""
    try:
        stated = importlib.metadata.requires("lowface") or []
    except importlib.metadata.PackageNotFoundError:
        return []  # the examination of the environment has reported it
    every = map(Requirement, stated)
    return [each for each in every if each.marker is None or each.marker.evaluate({"extra": ""})]


def extras() -> dict[str, list[Requirement]]:
    """What each extra for users adds to :func:`requirements`."""
    try:
        offered = importlib.metadata.metadata("lowface").get_all("Provides-Extra") or []
        every = [*map(Requirement, importlib.metadata.requires("lowface") or [])]
    except importlib.metadata.PackageNotFoundError:
        return {}
    own = [each for each in every if each.marker is not None and not each.marker.evaluate({"extra": ""})]
    return {
        extra: [each for each in own if each.marker is not None and each.marker.evaluate({"extra": extra})]
        for extra in sorted(set(offered) - DEVELOPERS)
    }


def _examine_extra(extra: str, wanted: list[Requirement]) -> Finding:
    """An extra that is not installed is no fault; one that is there and does not work is worth a warning."""
    missing = [each.name for each in wanted if not installed(each.name)]
    if missing:
        return Finding(OK, f'lowface[{extra}] is not installed ({", ".join(missing)}): pip install "lowface[{extra}]"')
    found = [examine(each) for each in wanted]
    broken = next((each for each in found if each.level != OK), None)
    if broken is not None:
        return Finding(WARNING, f"lowface[{extra}]: {broken.what}", broken.cure)
    return Finding(OK, f"lowface[{extra}]: {', '.join(each.what for each in found)}")


def examine(requirement: Requirement) -> Finding:
    """Whether a package is there, in a version that will do, and can be imported.

    A version is newer than tested if it is of a later series, as far as :data:`TESTED` gives it: 2.1.9 is not later
    than 2.1. One of no known form satisfies no bounds.
    """
    name = requirement.name
    found = next((other for other in (name, *INSTEAD.get(name, ())) if installed(other)), None)
    bounds = ",".join(sorted(map(str, requirement.specifier), reverse=True))  # lower ones first: >=0.10.7,<0.11
    cure = f'pip install "{name}{bounds}"'
    if found is None:
        return Finding(FAULT, f"{name} is not installed", cure)
    what, tested = f"{found} {installed(found)}", TESTED.get(name)
    try:
        version = Version(str(installed(found)))
    except InvalidVersion:
        inside, newer = not bounds, False
    else:
        inside, series = requirement.specifier.contains(version, prereleases=True), Version(tested or "0").release
        newer = tested is not None and version.release[: len(series)] > series
    if found == name and not inside:
        return Finding(FAULT, f"{what}: lowface needs {bounds}", cure)
    if failure := import_failure(MODULES.get(name, name.replace("-", "_"))):
        cure = f'pip install --force-reinstall "{found}{bounds}"'
        return Finding(FAULT, f"{what} cannot be imported: {failure}", cure)
    if newer:
        cure = f'if something fails, pip install "{name}=={tested}.*"'
        return Finding(WARNING, f"{what}: newer than the newest tested, {tested}", cure)
    return Finding(OK, what)


def import_failure(module: str) -> str | None:
    """Why a module cannot be imported, in one line; None when it can."""
    try:
        with warnings.catch_warnings(), diverted(module):
            warnings.simplefilter("ignore")
            importlib.import_module(module)
    except (Exception, SystemExit) as error:
        return cause(error)
    return None
