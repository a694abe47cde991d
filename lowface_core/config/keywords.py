"""What a keyword may be, from the annotation in a factory's signature: pydantic checks values and makes the schema.

Stricter than pydantic where a config is easily wrong: a flag is True or False and nothing else, a whole number is no
flag and no 3.5, text is not made of numbers. Texts that spell a number (YAML reads ``"1e-4"`` and JSON may hold it as
text) become numbers; numbers are finite unless the annotation says ``AllowInfNan()``. What no config can hold (modules,
arrays, unresolvable names) admits anything, and objects that a caller of ``lf.build`` hands over are not looked at.
"""

from __future__ import annotations

import collections.abc
import inspect
import os
import types
import typing
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any

from lowface_core.errors import nearest
from lowface_core.registry.bounds import LARGEST
from lowface_core.registry.components import PLAIN, parameters

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Schema = dict[str, Any]
REQUIRED = inspect.Parameter.empty
#: Classes of containers that an annotation may name, and as which pydantic is to check them.
CONTAINERS: dict[Any, Any] = {
    **{c: c for c in (list, tuple, set, frozenset, dict, collections.abc.Sequence, collections.abc.Mapping)},
    collections.abc.Iterable: collections.abc.Sequence,
    collections.abc.Collection: collections.abc.Sequence,
    collections.abc.MutableMapping: dict,
}


class Keyword:
    """One keyword of a factory, or one setting.

    Args:
        annotation: what it may be; bounds by ``Annotated[float, Gt(0)]``.
        default: :data:`REQUIRED` if it has none. None as default is admitted as a value.
    """

    def __init__(self, annotation: Any, default: Any = REQUIRED) -> None:
        self.annotation, self.default = annotation, default

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """The check."""
        from pydantic import TypeAdapter

        try:
            wanted = _strict(self.annotation)
            return TypeAdapter(wanted if self.default is not None or wanted is Any else wanted | None)
        except Exception:  # bounds that do not go with their type: the author's slip must not stop a user's config
            return TypeAdapter(Any)

    def accepted(self, value: Any) -> Any:
        """The value as the factory gets it: texts that spell a number converted, lists made tuples where asked for.

        Raises:
            ValueError: it is not what the annotation says.
        """
        if value is not None and not isinstance(value, PLAIN):
            return value
        try:
            return self.adapter.validate_python(value)
        except TypeError:  # a bound that does not go with the type, as above
            return value

    def fault(self, path: str, value: Any) -> str | None:
        """A line that says what is wrong with the value, or None."""
        try:
            self.accepted(value)
        except ValueError:
            choices = [choice for choice in self.choices if isinstance(choice, str)]
            hint = nearest(value, choices) if isinstance(value, str) else ""
            if isinstance(value, int) and value > LARGEST:
                hint = f"; whole numbers go up to {LARGEST} here, which is what generators take"
            return f"{path}: must be {self.expected}, not {value!r}{hint}"
        return None

    @cached_property
    def schema(self) -> Schema:
        """JSON schema of the values that JSON can hold; ``{}`` for anything."""
        try:
            return _tidy(self.adapter.json_schema())
        except Exception:  # as above
            return {}

    @property
    def choices(self) -> list[Any]:
        """The values of a ``Literal``, if it is one."""
        return [v for each in self.schema.get("anyOf", [self.schema]) for v in each.get("enum", ())]

    @property
    def expected(self) -> str:
        """The same in words: ``a number > 0``."""
        return words(self.schema)


def keywords(factory: Callable[..., Any]) -> dict[str, Keyword]:
    """The keywords of a factory by name, from its signature; made once per factory."""
    if id(factory) not in _KNOWN:
        found = {name: Keyword(_evaluated(p.annotation, factory), p.default) for name, p in parameters(factory).items()}
        _KNOWN[id(factory)] = factory, found
    return _KNOWN[id(factory)][1]


#: By identity, as not every factory can be hashed; the factory is kept, lest another be given its identity.
_KNOWN: dict[int, tuple[Callable[..., Any], dict[str, Keyword]]] = {}


def _evaluated(annotation: Any, factory: Callable[..., Any]) -> Any:
    """An annotation that may be text; Any for none, and for names that only type checkers see."""
    function = inspect.unwrap(factory.__init__ if inspect.isclass(factory) else factory)
    names = {**vars(typing), **vars(collections.abc), **getattr(function, "__globals__", {})}
    try:
        while isinstance(annotation, str):  # in quotes where annotations are texts anyway: twice
            annotation = eval(annotation, names)
    except Exception:  # a later Python's syntax, among others
        return Any
    return Any if annotation is REQUIRED else annotation


def _strict(annotation: Any) -> Any:
    """The annotation for pydantic: scalars strict, Any for what no config can hold."""
    from pydantic import AllowInfNan, BeforeValidator, Strict

    bounds: tuple[Any, ...] = ()
    if typing.get_origin(annotation) is Annotated:
        annotation, *given = typing.get_args(annotation)
        bounds = tuple(given)
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is float:
        return _annotated(float, Strict(), AllowInfNan(False), *bounds, BeforeValidator(number))
    if any(annotation is scalar for scalar in (bool, int, str)):
        return _annotated(annotation, Strict(), *bounds)
    if annotation is None or annotation is type(None):
        return None
    if origin is typing.Literal:
        return Annotated[annotation, BeforeValidator(partial(_one_of, inner))]
    if origin in (typing.Union, types.UnionType):
        members = [_strict(member) for member in inner]
        return Any if Any in members else typing.Union[tuple(members)]  # noqa: UP007
    plain = origin or annotation
    if plain in (Path, PurePath, os.PathLike):
        return annotation
    if not inspect.isclass(plain) or plain not in CONTAINERS:
        return Any
    container = CONTAINERS[plain]
    if inner:
        container = container[tuple(each if each is Ellipsis else _strict(each) for each in inner)]
    return _annotated(container, *bounds) if bounds else container


def _annotated(*items: Any) -> Any:
    """``Annotated`` of a type and any number of bounds."""
    return Annotated[items]


def _one_of(choices: tuple[Any, ...], value: Any) -> Any:
    """The value if it is a choice of its own class: True is not 1."""
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        raise ValueError
    return value


def number(value: Any) -> Any:
    """A text that spells a number as the number; anything else as it is."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _tidy(schema: Any) -> Any:
    """pydantic's schema without titles and formats, choices as ``enum``, no choice twice."""
    if isinstance(schema, list):
        return [_tidy(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _tidy(value) for key, value in schema.items() if key not in ("title", "format")}
    if "const" in kept or "enum" in kept:
        return {"enum": [kept["const"]] if "const" in kept else kept["enum"]}
    if "anyOf" in kept:
        unique = [each for i, each in enumerate(kept["anyOf"]) if each not in kept["anyOf"][:i]]
        return unique[0] if len(unique) == 1 else {**kept, "anyOf": unique}
    return {
        key: value for key, value in kept.items() if (key, value) not in (("items", {}), ("additionalProperties", True))
    }


def words(schema: Mapping[str, Any]) -> str:
    """What a schema admits, in words for a message."""
    if "anyOf" in schema:
        return " or ".join(words(each) for each in schema["anyOf"])
    if "enum" in schema:
        listed = ", ".join(repr(value) for value in schema["enum"])
        return listed if len(schema["enum"]) == 1 else f"one of {listed}"
    kind = schema.get("type")
    if kind in ("number", "integer"):
        signs = {
            "exclusiveMinimum": ">",
            "minimum": ">=",
            "exclusiveMaximum": "<",
            "maximum": "<=",
            "multipleOf": "in steps of",
        }
        # that of every whole number is said where one is too large
        bounds = [f"{sign} {schema[key]:g}" for key, sign in signs.items() if schema.get(key, LARGEST) != LARGEST]
        return " ".join(["a number" if kind == "number" else "an integer", " and ".join(bounds)]).strip()
    if kind == "array":
        entries = schema.get("prefixItems") or [schema.get("items") or {}]
        each = words(entries[0]) if all(entry == entries[0] for entry in entries) else ", ".join(map(words, entries))
        least, most = schema.get("minItems"), schema.get("maxItems")
        size = f" of {least}" if least == most and least else f" of at least {least}" if least else ""
        size = size if least == most or not most else f"{size or ' of'} at most {most}"
        return f"a list{size}" if each == "anything" else f"a list{size}, each {each}"
    return {"boolean": "True or False", "string": "text", "null": "None", "object": "a dict"}.get(str(kind), "anything")
