"""Writes tests/contract/public_names.txt: every name that others may rely on, so that none vanishes by accident.

    python tools/record_names.py            # record what there is now: this is how a name is taken away on purpose
    python tools/record_names.py --check    # exit 1 and name what has vanished

Run it from the root of the checkout, in an environment with no plugins but the shipped ones.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from importlib.metadata import entry_points
from pathlib import Path

import click

from lowface_core.cli import add_plugin_commands, cli
from lowface_core.config.load import shipped
from lowface_core.config.settings import TOP_LEVEL
from lowface_core.registry.hook_validation import hook_arguments
from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import FACTS, KINDS
from lowface_core.step.names import BATCH, ENHANCER, HEADS, METRICS
from lowface_core.variables import VARIABLES

RECORD = Path("tests/contract/public_names.txt")
MODULES = ("lowface_core", "lowface_core.testing", "lowface_core.evaluation")
NOTE = "# made by tools/record_names.py; a name that vanishes from here breaks somebody's config, script or plugin\n"


def inventory() -> list[str]:
    """Every public name, one line each: what it is, then the name."""
    add_plugin_commands()
    found: set[str] = set()
    for module in MODULES:
        found |= {f"python {module}.{name}" for name in getattr(importlib.import_module(module), "__all__", ())}
    found |= {f"hook {hook}({', '.join(arguments)})" for hook, arguments in hook_arguments().items()}
    found |= {f"kind {kind}" for kind in KINDS}
    found |= {f"fact {fact} of {kind}" for fact, kinds in FACTS.items() for kind in kinds}
    found |= {f"name {name}" for table in (BATCH, ENHANCER, METRICS, HEADS) for name in table}
    found |= {f"setting {key}" for key in TOP_LEVEL}
    found |= {f"config {name}" for name in shipped()}
    found |= {f"variable {name}" for name in VARIABLES}
    ours = [plugin for plugin in plugins().loaded if plugin.distribution == "lowface"]
    found |= {f"plugin {plugin.entry_point}" for plugin in ours}
    found |= {f"component {c.kind} {c.name}" for plugin in ours for c in plugin.components}
    found |= {f"weights {c.name}/{key}" for p in ours for c in p.components for key in c.weights}
    found |= set(_commands(cli, "lowface"))
    scripts = entry_points(group="console_scripts")
    found |= {f"script {entry.name}" for entry in scripts if entry.dist and entry.dist.name == "lowface"}
    return sorted(found)


def _commands(command: click.Command, name: str) -> list[str]:
    found = [f"command {name}"]
    for option in command.params:
        found += [f"option {name} {word}" for word in option.opts if isinstance(option, click.Option)]
    for sub in command.commands.values() if isinstance(command, click.Group) else ():
        found += _commands(sub, f"{name} {sub.name}")
    return found


def recorded(path: Path = RECORD) -> list[str]:
    """The names on record."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a name has vanished")
    now = inventory()
    if not parser.parse_args().check:
        RECORD.write_text(NOTE + "".join(f"{name}\n" for name in now), encoding="utf-8")
        return
    gone = sorted(set(recorded()) - set(now))
    if gone:
        sys.exit(f"vanished: {', '.join(gone)}; if on purpose, python tools/record_names.py and say so in CHANGELOG.md")


if __name__ == "__main__":
    main()
