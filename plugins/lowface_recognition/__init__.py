"""Recognition before and after enhancement: identification, verification, open-set search, and their commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lowface_core as lf

if TYPE_CHECKING:
    import click


@lf.hookimpl
def register_results(register: lf.Register) -> None:
    """Offers what ``lowface identify`` and ``lowface verify`` leave behind."""
    register("identification", "lowface_recognition.reports:IdentificationReport")
    register("verification", "lowface_recognition.reports:VerificationReport")


@lf.hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds ``lowface identify`` and ``lowface verify``."""
    from lowface_recognition.commands import identify, verify

    cli.add_command(identify)
    cli.add_command(verify)
