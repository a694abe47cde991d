"""Recognition before and after enhancement: identification, verification, open-set search, and detection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lowface_core as lf

if TYPE_CHECKING:
    import click


@lf.hookimpl
def register_results(register: lf.Register) -> None:
    """Offers what ``lowface identify``, ``lowface verify`` and ``lowface detect`` leave behind."""
    register("identification", "lowface_recognition.reports:IdentificationReport")
    register("verification", "lowface_recognition.reports:VerificationReport")
    register("detection", "lowface_recognition.detection.report:DetectionReport")


@lf.hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds ``lowface identify``, ``lowface verify`` and ``lowface detect``, which needs the extra ``detection``."""
    from lowface_recognition.commands import identify, verify
    from lowface_recognition.detection.cli_detect import detect

    cli.add_command(identify)
    cli.add_command(verify)
    cli.add_command(detect)
