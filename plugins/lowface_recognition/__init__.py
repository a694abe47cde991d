"""Recognition before and after enhancement: identification, verification, open-set search, and their commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lowface_core as lf

if TYPE_CHECKING:
    import click

    from lowface_core.registry.hookspecs import RegisterResult


@lf.hookimpl
def register_results(register: RegisterResult) -> None:
    """Offers what ``lowface identify`` and ``lowface verify`` leave behind."""
    for name, command in (("identification", "identify"), ("verification", "verify")):
        register(
            name,
            f"lowface_recognition.result_schemas:{name.title()}",
            report=f"lowface_recognition.{name}_report:{name.title()}Report",
            command=command,
        )


@lf.hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds ``lowface identify`` and ``lowface verify``."""
    from lowface_recognition.cli_identify import identify
    from lowface_recognition.cli_verify import verify

    cli.add_command(identify)
    cli.add_command(verify)
