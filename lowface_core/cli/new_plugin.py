"""``lowface new-plugin``."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from lowface_core.cli.options import AS_JSON, PATH, answer
from lowface_core.registry.registration import KINDS


@click.command("new-plugin")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What the package offers.")
@click.option(
    "--licence",
    "--license",
    type=click.Choice(["apache-2.0", "mit", "bsd-3-clause", "none"]),
    default="apache-2.0",
    show_default=True,
    help="Licence of the package.",
)
@click.option("--author", help="Whom the licence and the package's metadata name.")
@click.option("--directory", type=PATH, default=Path("."), show_default=True, help="Where to make the folder NAME.")
@click.option("--ci", is_flag=True, help="Add a GitHub workflow that tests the package on every push.")
@AS_JSON
def new_plugin(
    name: str, kind: str, licence: str, author: str | None, directory: Path, ci: bool, as_json: bool
) -> None:
    """Make the folder NAME: a complete plugin package that passes its own tests, to be filled with your own idea.

    NAME is the name under which it would be published, such as lowface-exposure.
    """
    from lowface_core.scaffold.package import make_package

    folder, names = make_package(name, kind, directory, licence, (author or "").strip() or None, ci)
    root = " data_root=FOLDER" if kind == "dataset" else ""
    commands = [
        *(f"cd {shlex.quote(str(folder))}", "pip install -e .", "pytest"),
        f"lowface describe {names.component} --kind {kind}",
        f"lowface train configs/{names.component}.py --cfg-options max_iters=2{root}",
    ]
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    content = {"folder": str(folder), **vars(names), "kind": kind, "files": files, "next": commands}
    made = f"made {folder}: a package with the {kind} {names.component}. Next:"
    answer(as_json, content, made, *(f"  {command}" for command in commands))
