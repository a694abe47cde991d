"""A plugin package written from the templates, whole or not at all."""

from __future__ import annotations

import datetime
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lowface_core import __version__
from lowface_core.errors import LowfaceError
from lowface_core.registry.registration import HOOKS
from lowface_core.scaffold.package_names import Names, names_for

TEMPLATES = Path(__file__).resolve().parent / "templates"
#: Choice of licence → its SPDX name; empty: none.
LICENCES = {"apache-2.0": "Apache-2.0", "mit": "MIT", "bsd-3-clause": "BSD-3-Clause", "none": ""}
#: What the component of each kind does, in one sentence.
DOES = {
    "enhancer": "An enhancer that brightens pictures by curves, one for each pixel and colour.",
    "loss": "A loss that keeps the brightness of patches at a level.",
    "head": "A frozen feature head of fixed filters: smoothed values and lengths of gradients.",
    "dataset": "A data set of the pictures in a folder, darkened as they are read.",
    "metric": "A metric of how much contrast pictures have.",
    "degradation": "A degradation that darkens pictures towards the corners.",
}
#: Further lines of the registration.
FACTS = {
    "dataset": ['parts={"degradation": "degradation"}'],
    "metric": ['better="higher"', 'source="Peli, JOSA A 7 (1990)"'],
}
#: How a config uses the component; ``{}`` is its name.
EXAMPLES = {
    "enhancer": 'enhancer = dict(type="{}", channels=16)',
    "loss": 'losses = dict({0}=dict(type="{0}", weight=0.5, level=0.45))',
    "head": 'heads = dict(features=dict(type="{}"))\nlosses = dict(perceptual=dict(type="perceptual", layer="order3"))',
    "dataset": 'train_dataset = dict(type="{}", root="pictures", size=64, degradation=dict(type="linear"))',
    "metric": 'metrics = dict({0}=dict(type="{0}"))',
    "degradation": 'train_dataset = dict(type="rendered_faces", degradation=dict(type="{}"))',
}


def make_package(
    name: str,
    kind: str,
    directory: Path = Path("."),
    licence: str = "apache-2.0",
    author: str | None = None,
    workflow: bool = False,
) -> tuple[Path, Names]:
    """Writes the folder ``directory/name``.

    Args:
        kind: kind of the one component.
        licence: a key of :data:`LICENCES`.
        author: whom the licence names; None: "the authors of NAME".
        workflow: add a workflow that tests the package on every push.

    Returns:
        the folder and the names in it.

    Raises:
        PluginError: the name will not do.
        LowfaceError: the folder exists, or cannot be written. Nothing is left behind.
    """
    target = directory / name
    if target.exists() or target.is_symlink():
        raise LowfaceError(f"{target}: exists already; choose another name, or another --directory")
    names = names_for(name, kind)
    files = contents(names, kind, licence, author, workflow)
    part: Path | None = None
    try:
        if not directory.is_dir():
            raise NotADirectoryError(0, "no such folder")
        part = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=directory))
        part.chmod(0o755)
        for path, text in files.items():
            (part / path).parent.mkdir(parents=True, exist_ok=True)
            (part / path).write_text(text, encoding="utf-8")
        part.rename(target)
    except OSError as error:
        raise LowfaceError(f"{target}: cannot be written ({error.strerror or error})") from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
    return target, names


def contents(names: Names, kind: str, licence: str, author: str | None, workflow: bool) -> dict[str, str]:
    """The package's files: path inside the folder → text."""
    facts: dict[str, Any] = {
        **vars(names),
        "kind": kind,
        "hook": HOOKS[kind],
        "does": DOES[kind],
        "facts": FACTS.get(kind, []),
        "example": EXAMPLES[kind].format(names.component),
        "root": " --cfg-options data_root=FOLDER" if kind == "dataset" else "",
        "spdx": LICENCES[licence],
        "author": author or f"the authors of {names.name}",
        "named_author": bool(author),
        "year": datetime.date.today().year,
        "lowface": ".".join(__version__.split(".")[:2]),
    }
    component, module = names.component, names.module
    templates = {
        "pyproject.toml": "common/pyproject.toml.jinja",
        "README.md": "common/README.md.jinja",
        ".gitignore": "common/gitignore.jinja",
        f"{module}/__init__.py": "common/init.py.jinja",
        f"{module}/{component}.py": f"{kind}/module.py.jinja",
        f"{module}/py.typed": None,
        f"tests/test_{component}.py": f"{kind}/test.py.jinja",
        "tests/test_config.py": "common/test_config.py.jinja",
        f"configs/{component}.py": "common/config.py.jinja",
    }
    if LICENCES[licence]:
        templates["LICENSE"] = f"licences/{licence}.txt.jinja"
    if workflow:
        templates[".github/workflows/test.yml"] = "common/workflow.yml.jinja"
    return {path: _rendered(template, facts) if template else "" for path, template in templates.items()}


def _rendered(template: str, facts: Mapping[str, Any]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # JSON's texts are valid TOML, and in ASCII valid Python as ruff writes it
    environment.filters["toml"] = lambda text: json.dumps(text, ensure_ascii=False)
    environment.filters["py"] = json.dumps
    return environment.get_template(template).render(facts)
