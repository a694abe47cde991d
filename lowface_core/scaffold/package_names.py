"""The names of a new plugin: of the distribution, the module, the component and its class; what will not do."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import keyword
import re
import sys
from dataclasses import dataclass

from lowface_core.errors import PluginError
from lowface_core.registry.loader import plugins

#: How the names of plugins begin by custom; the component's name leaves it off.
PREFIX = "lowface-"
NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*\Z")
LONGEST = 36  # so that no line of the package is too long
SUFFIX = {
    "enhancer": "Enhancer",
    "loss": "Loss",
    "head": "Head",
    "dataset": "Dataset",
    "metric": "Metric",
    "degradation": "Degradation",
}


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
    return Names(name, module, component, camel, camel.removesuffix(SUFFIX[kind]) + SUFFIX[kind])


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
