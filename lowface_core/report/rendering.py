"""Templates of the report."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


@cache
def template(name: str, **options: Any) -> Template:
    """A template of ``templates/``; what is put into an HTML one is escaped.

    Args:
        options: of jinja's environment, beside the project's.
    """
    environment = Environment(
        loader=PackageLoader("lowface_core.report"),
        autoescape=".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
    return environment.get_template(name)


def macros(name: str) -> Any:
    """The macros of a template, to be called as attributes; they return markup."""
    return template(name).module
