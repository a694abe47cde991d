"""``lowface doctor``: everything that could keep lowface from working here, each finding with its cure."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable

from lowface_core.doctor import environment, packages, plugin_health, weight_files
from lowface_core.doctor import environment_variables as variables
from lowface_core.doctor.finding import FAULT, OK, WARNING, Finding
from lowface_core.registry.loader import lenient_plugins
from lowface_core.registry.registration import cause

__all__ = ["CHECKS", "FAULT", "OK", "WARNING", "Finding", "examine"]

#: What is examined, in this order: name → the function that looks.
CHECKS: dict[str, Callable[[], Iterable[Finding]]] = {
    "environment": environment.check,
    "variables": variables.check,
    "packages": packages.check,
    "plugins": plugin_health.check,
    "weights": weight_files.check,
    "devices": environment.check_devices,
    "places": environment.check_places,
}


def examine(names: Iterable[str] = tuple(CHECKS)) -> dict[str, list[Finding]]:
    """Findings by check; a check that fails itself is a fault, never an exception.

    Args:
        names: which checks, of :data:`CHECKS`.
    """
    found: dict[str, list[Finding]] = {}
    with contextlib.suppress(Exception, SystemExit):
        lenient_plugins()  # before any check imports torch, so that a plugin that does is found out
    for name in names:
        found[name] = []
        try:
            for finding in CHECKS[name]():
                found[name].append(finding)
        except (Exception, SystemExit) as error:
            text = f"the examination broke off here: {cause(error)}"
            found[name].append(Finding(FAULT, text, "cure what is said above; if this stays, report it with this line"))
    return found
