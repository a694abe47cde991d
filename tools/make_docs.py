"""Writes the generated pages of the documentation: docs/commands.md (help texts), docs/settings.md (config keys,
environment variables) and docs/plugins/reference.md (hooks, facts, step names, public names).

    python tools/make_docs.py            # write
    python tools/make_docs.py --check    # exit 1 if a page is stale

Run it from the root of the checkout, in an environment with no plugins but the shipped ones.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from lowface_core.cli import add_plugin_commands, cli
from lowface_core.config.phases import FIELDS
from lowface_core.config.settings import MANY, ONE, PHASES, SETTINGS, TASK
from lowface_core.registry import hookspecs
from lowface_core.registry.hook_validation import hook_arguments
from lowface_core.registry.registration import FACTS, KINDS
from lowface_core.step import names as step_names
from lowface_core.train.resume import ON_RESUME
from lowface_core.variables import VARIABLES

DOCS = Path("docs")
#: Public names without a docstring of lowface's own.
NOT_OURS = {"__version__": "Version of lowface, as text.", "hookimpl": "Marks a function as a hook's implementation."}
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
    """Tables of the top-level names of a config and of the environment variables."""
    lines = [NOTE, "# Config keys\n\n", "| key | may be | default | meaning |\n|---|---|---|---|\n"]
    lines += [f"| `{key}` | {s.expected} | `{s.default!r}` | {s.help} |\n" for key, s in SETTINGS.items()]
    lines += ["\n## Sections\n\n", "| section | holds |\n|---|---|\n"]
    lines += [f"| `{section}` | one {kind} |\n" for section, kind in ONE.items()]
    lines += [f"| `{section}` | {plural(kind)} by name |\n" for section, kind in MANY.items()]
    lines += [f"| `{TASK}` | keywords of the pretraining task (`lowface pretrain`) |\n"]
    lines += [f"| `{PHASES}` | list of phases, see below; without: the enhancer learns all the time |\n"]
    lines += ["\n## Phases\n\n", "| key | may be | meaning |\n|---|---|---|\n"]
    lines += [f"| `{key}` | {field.expected} | {field.help} |\n" for key, field in FIELDS.items()]
    lines += ["\n## Resumed runs\n\n"]
    lines += ["`--resume` compares a config with that of the run it continues; `manifest.json` lists the changes.\n\n"]
    for rule in dict.fromkeys(ON_RESUME.values()):
        names = ", ".join(f"`{name}`" for name, own in ON_RESUME.items() if own == rule)
        lines += [f"- {names}: {rule}\n"]
    lines += ["\n## Environment variables\n\n", "| variable | meaning |\n|---|---|\n"]
    lines += [f"| `{name}` | {meaning} |\n" for name, meaning in VARIABLES.items()]
    return "".join(lines)


def plural(kind: str) -> str:
    """``losses``, ``heads``."""
    return f"{kind}es" if kind.endswith("s") else f"{kind}s"


def hooks_page() -> str:
    """Reference for plugin authors: hooks with exact signatures, facts, step names, public names."""
    parts = [NOTE, "# Reference for plugins\n\n"]
    parts.append(
        f"Contract {hookspecs.CONTRACT}. A plugin is a module named by an entry point of the group `lowface`; it\n"
        "marks what it implements with `@lf.hookimpl`. An implementation may leave arguments out, but has no others.\n"
        "A plugin that needs a newer contract than the one it may meet says so in its module,\n"
        f"`LOWFACE_CONTRACT = {hookspecs.CONTRACT}` (a whole number); a lowface with an older contract leaves it out\n"
        "and says so.\n\n## Hooks\n"
    )
    for name in hook_arguments():
        function = getattr(hookspecs, name)
        parts.append(f"\n### {name}\n\n```python\n{signature(function)}\n```\n\n{prose(function)}\n")
    parts.append(
        f"\n## register\n\n```python\n{signature(hookspecs.Register.__call__, 'register')}\n```\n\n"
        f"{prose(hookspecs.Register.__call__)}\n\nKinds: {', '.join(f'`{kind}`' for kind in KINDS)}.\n"
    )
    parts.append("\n## Facts\n\n| fact | of | meaning |\n|---|---|---|\n")
    for fact, meaning in facts().items():
        kinds = (
            "every kind" if FACTS[fact] == set(KINDS) else ", ".join(k for k in (*KINDS, "medium") if k in FACTS[fact])
        )
        parts.append(f"| `{fact}` | {kinds} | {meaning} |\n")
    parts.append("\n## Names of a step\n\nA loss's `forward` and a metric's `update` ask for them by argument name;\n")
    parts.append("a head's `forward` by keyword-only argument. B is the batch size, H and W the pictures' sides.\n")
    tables: tuple[tuple[str, Mapping[str, tuple[str, str]]], ...] = (
        ("Of the batch, as far as the data set has them", step_names.BATCH),
        ("Of the enhancer", step_names.ENHANCER),
        ("Of the evaluation, for metrics", step_names.METRICS),
        ("For heads only", step_names.HEADS),
    )
    for title, names in tables:
        parts.append(f"\n### {title}\n\n| name | what | meaning |\n|---|---|---|\n")
        parts += [f"| `{name}` | {what} | {meaning} |\n" for name, (what, meaning) in names.items()]
    parts.append("\nEvery head of the config is on offer under its key there: `features`, `parser`, `face`, ….\n")
    parts.append("\n## Public names\n")
    for module in PUBLIC:
        found = importlib.import_module(module)
        parts.append(f"\n### {module}\n\n{first_line(found)}\n\n| name | |\n|---|---|\n")
        parts += [
            f"| `{name}` | {NOT_OURS.get(name) or first_line(getattr(found, name))} |\n"
            for name in sorted(found.__all__)
        ]
    return "".join(parts)


def public_modules() -> list[str]:
    """Modules whose ``__all__`` is the public surface; those that have one."""
    names = ("lowface_core", "lowface_core.testing", "lowface_core.evaluation")
    return [name for name in names if getattr(importlib.import_module(name), "__all__", None)]


def signature(function: Any, name: str | None = None) -> str:
    """``def name(arguments) -> result`` as the source has it, without ``self``."""
    found = inspect.signature(function)
    kept = [p.replace(annotation=_Source(p.annotation)) for p in found.parameters.values() if p.name != "self"]
    result = _Source(found.return_annotation)
    name = name or function.__name__
    line = f"def {name}{found.replace(parameters=kept, return_annotation=result)}: ..."
    if len(line) > 120:
        star = next((i for i, p in enumerate(kept) if p.kind is p.KEYWORD_ONLY), len(kept))
        lines = [*map(str, kept[:star]), *(["*"] if star < len(kept) else []), *map(str, kept[star:])]
        line = f"def {name}(\n" + "".join(f"    {each},\n" for each in lines) + f") -> {result}: ..."
    return line


class _Source(str):
    """An annotation that is shown as its source."""

    def __repr__(self) -> str:
        return self.replace("'", '"')


def prose(thing: Any) -> str:
    """A docstring as Markdown."""
    return markdown(inspect.getdoc(thing) or "")


def markdown(text: str) -> str:
    """reStructuredText's code marks as Markdown's."""
    return re.sub(r":\w+:`~?([^`]*)`", r"`\1`", text).replace("``", "`")


def first_line(thing: Any) -> str:
    """The first paragraph of a docstring, for a table."""
    text = markdown((inspect.getdoc(thing) or "").split("\n\n")[0])
    return " ".join(text.split()).replace("|", "\\|")


def facts() -> dict[str, str]:
    """What each fact means, from the documentation of ``lowface_core.registry.hookspecs``."""
    found = re.findall(r"^``(\w+)``\n((?:    .*\n)+)", hookspecs.__doc__ or "", re.MULTILINE)
    told = {name: " ".join(markdown(text).split()).replace("|", "\\|") for name, text in found}
    # the table has a column for the kinds, with which the text begins
    return {name: re.sub(r"^(enhancers|losses|heads|metrics|, )+: ", "", text) for name, text in told.items()}


PUBLIC = public_modules()
PAGES = {"commands.md": commands_page, "settings.md": settings_page, "plugins/reference.md": hooks_page}


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is stale")
    check = parser.parse_args().check
    add_plugin_commands()
    stale = [name for name, page in PAGES.items() if _now(name) != page()] if check else []
    if stale:
        sys.exit(f"stale: {', '.join(stale)}; run python tools/make_docs.py")
    if not check:
        for name, page in PAGES.items():
            (DOCS / name).parent.mkdir(exist_ok=True)
            (DOCS / name).write_text(page())


def _now(name: str) -> str:
    return (DOCS / name).read_text() if (DOCS / name).is_file() else ""


if __name__ == "__main__":
    main()
