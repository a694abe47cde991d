"""A plugin package written from the templates, whole or not at all."""

from __future__ import annotations

import datetime
import importlib.metadata
import importlib.util
import json
import keyword
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lowface_core import __version__
from lowface_core.errors import LowfaceError, PluginError
from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import HOOKS

TEMPLATES = Path(__file__).resolve().parent / "templates"
#: Choice of licence → its SPDX name; empty: none.
LICENCES = {"apache-2.0": "Apache-2.0", "mit": "MIT", "bsd-3-clause": "BSD-3-Clause", "none": ""}
#: How the names of plugins begin by custom; the component's name leaves it off.
PREFIX = "lowface-"
NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*\Z")
LONGEST = 36  # so that no line of the package is too long


@dataclass(frozen=True)
class Names:
    """Names that follow from the one given.

    Attributes:
        name: of the distribution, as given: ``lowface-exposure``.
        module: what is imported: ``lowface_exposure``.
        component: what a config writes after ``type=``: ``exposure``.
        camel: ``Exposure``, of the class of tests.
        cls: ``ExposureLoss``.
    """

    name: str
    module: str
    component: str
    camel: str
    cls: str


def names_for(name: str, kind: str) -> Names:
    """All names of a new plugin.

    Raises:
        PluginError: the name is not a distribution name, is a Python keyword, is taken by something that is installed,
            or is that of a component of this kind; one line with the cure.
    """
    if not NAME.match(name):
        lower = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        hint = f"; did you mean {lower!r}?" if NAME.match(lower) else ""
        raise PluginError(
            f"{name!r} will not do as a name: write lower-case letters and digits, with single hyphens between, "
            f"beginning with a letter{hint}"
        )
    if len(name) > LONGEST:
        raise PluginError(f"{name!r} is {len(name)} characters long; {LONGEST} at most")
    module = name.replace("-", "_")
    component = name.removeprefix(PREFIX).replace("-", "_")
    for word in (module, component):
        if keyword.iskeyword(word) or keyword.issoftkeyword(word):
            raise PluginError(f"{name!r} will not do as a name: {word} is a word of Python's; try {PREFIX}{word}s")
    if not component[0].isalpha():
        raise PluginError(f"{name!r} will not do as a name: write a letter after {PREFIX!r}")
    _check_free(name, module, component, kind)
    camel = "".join(part[0].upper() + part[1:] for part in component.split("_"))
    return Names(name, module, component, camel, camel.removesuffix(kind.title()) + kind.title())


def _check_free(name: str, module: str, component: str, kind: str) -> None:
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        pass
    else:
        raise PluginError(f"{name!r} is installed already (version {found.version}); choose another name")
    if module in sys.stdlib_module_names or module in sys.builtin_module_names:
        raise PluginError(f"{name!r} is a module of Python's own; choose another name, such as {PREFIX}{name}")
    if importlib.util.find_spec(module) is not None:
        raise PluginError(f"{name!r}: a module {module} is installed already; choose another name")
    for other in plugins().components(kind):
        if other.name == component:
            raise PluginError(
                f"{name!r}: plugin {other.plugin} offers a {kind} {component!r} already; choose another name, "
                "or nobody could use either by its bare name"
            )


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
    """The package's files: path inside the folder → text.

    What they say of the kind stands in ``templates/KIND/kind.json``: what its component does, further lines of the
    registration, and how a config uses the component, whose name is ``{}`` there.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    stated = json.loads((TEMPLATES / kind / "kind.json").read_text(encoding="utf-8"))
    facts = {
        **vars(names),
        **stated,
        "kind": kind,
        "hook": HOOKS[kind],
        "example": stated["example"].replace("{}", names.component),
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
    return {path: environment.get_template(t).render(facts) if t else "" for path, t in templates.items()}
