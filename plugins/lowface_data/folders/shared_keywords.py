"""Keywords that every folder data set takes: written and documented once, shown in the signature of each."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection
from typing import Any, get_type_hints

#: One argument in a docstring: its name, and all of its lines.
_ARGUMENT = re.compile(r"^        (\w+): .*\n(?:            .*\n)*", re.MULTILINE)
#: The line of a docstring that stands for the arguments of the base class.
_PLACE = re.compile(r"^        \*\*shared: .*\n", re.MULTILINE)


def show_shared_keywords(cls: type[Any], base: type[Any], without: Collection[str] = ()) -> None:
    """Lets the signature and the docstring of a class name what its ``**shared`` hands on to its base.

    The signature is the schema of a component's config, so a keyword that it does not name is refused.

    Args:
        cls: its ``__init__`` ends in ``**shared``, its docstring's arguments in a line ``**shared: …``.
        base: its keyword-only arguments are the shared ones.
        without: names of shared keywords that the class has no use for.
    """
    init: Any = cls.__init__
    own = inspect.signature(init)
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in own.parameters.values()):
        return
    hints = get_type_hints(base.__init__, include_extras=True)
    shared = [
        parameter.replace(annotation=hints[name])
        for name, parameter in inspect.signature(base.__init__).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in without and name not in own.parameters
    ]
    init.__signature__ = own.replace(
        parameters=[p for p in own.parameters.values() if p.kind != p.VAR_KEYWORD] + shared
    )
    init.__annotations__ = {
        **{name: hint for name, hint in init.__annotations__.items() if name != "shared"},
        **{parameter.name: parameter.annotation for parameter in shared},
    }
    names = [parameter.name for parameter in shared]
    lines = {found[1]: found[0] for found in _ARGUMENT.finditer(base.__doc__ or "")}
    cls.__doc__ = _PLACE.sub(lambda _: "".join(lines[name] for name in names), cls.__doc__ or "")
