"""Writes the generated pages of the documentation: docs/commands.md (help texts) and docs/settings.md (config keys).

    python tools/make_docs.py            # write
    python tools/make_docs.py --check    # exit 1 if a page is stale

Run it from the root of the checkout, in an environment with no plugins but the shipped ones.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from lowface_core.cli import add_plugin_commands, cli
from lowface_core.config.settings import MANY, ONE, SETTINGS, TASK

DOCS = Path("docs")
NOTE = "<!-- made by tools/make_docs.py; do not edit -->\n\n"


def walk(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """The command and everything below it, with full names."""
    yield name, command
    if isinstance(command, click.Group):
        for sub in sorted(command.commands):
            yield from walk(command.commands[sub], f"{name} {sub}")


def commands_page() -> str:
    """Help text of every command."""
    parts = [NOTE, "# Commands\n"]
    for name, command in walk(cli, "lowface"):
        context = click.Context(
            command, info_name=name, max_content_width=100, terminal_width=100, help_option_names=["-h", "--help"]
        )
        parts.append(f"\n## {name}\n\n```\n{command.get_help(context)}\n```\n")
    return "".join(parts)


def settings_page() -> str:
    """Table of the top-level names of a config."""
    lines = [NOTE, "# Config keys\n\n", "| key | default | meaning |\n|---|---|---|\n"]
    lines += [f"| `{key}` | `{s.default!r}` | {s.help} |\n" for key, s in SETTINGS.items()]
    lines += ["\n## Sections\n\n", "| section | holds |\n|---|---|\n"]
    lines += [f"| `{section}` | one {kind} |\n" for section, kind in ONE.items()]
    lines += [f"| `{section}` | {kind}s by name |\n" for section, kind in MANY.items()]
    lines += [f"| `{TASK}` | keywords of the pretraining task (`lowface pretrain`) |\n"]
    return "".join(lines)


PAGES = {"commands.md": commands_page, "settings.md": settings_page}


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is stale")
    check = parser.parse_args().check
    add_plugin_commands()
    stale = [name for name, page in PAGES.items() if (DOCS / name).read_text() != page()] if check else []
    if stale:
        sys.exit(f"stale: {', '.join(stale)}; run python tools/make_docs.py")
    if not check:
        for name, page in PAGES.items():
            (DOCS / name).write_text(page())


if __name__ == "__main__":
    main()
