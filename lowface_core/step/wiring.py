"""Who reads what: argument names matched with the names that a step offers, once, before training starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lowface_core.errors import ConfigError, LowfaceError, listing, nearest
from lowface_core.registry.components import parameters
from lowface_core.registry.trace import trace

#: Kind of component → its method whose arguments are names of the step, which a config's ``reads`` may redirect.
READERS = {"loss": "forward", "metric": "update"}


@dataclass(frozen=True)
class Reads:
    """What a callable reads of a step.

    Attributes:
        sources: each argument with the name of the step that fills it.
        required: those of these names that the step must have.
    """

    sources: Mapping[str, str]
    required: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Names of the step, required or not."""
        return tuple(self.sources.values())

    def pick(self, names: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments for one call, taken from a step's names."""
        return {argument: names[name] for argument, name in self.sources.items() if name in names}


def reads(function: Callable[..., Any], redirected: Mapping[str, str] | None = None, path: str = "") -> Reads:
    """What ``function`` (a loss's ``forward``, a metric's ``update``) reads; an argument with a default is optional.

    Args:
        redirected: argument → name of the step to read instead of the one that the argument is called after. A
            redirected argument must be supplied, whether it has a default or not.
        path: config path of the reader, for the message.

    Raises:
        ConfigError: there is no such argument.
    """
    redirected = redirected or {}
    named = {name: p for name, p in parameters(function).items() if name != "self"}
    for argument in redirected:
        if argument not in named:
            raise ConfigError(
                f"{path}.reads.{argument}: it reads no such name{nearest(argument, named)}; it reads: {listing(named)}"
            )
    sources = {name: redirected.get(name, name) for name in named}
    required = [sources[name] for name, p in named.items() if p.default is p.empty or name in redirected]
    return Reads(sources, tuple(required))


def head_reads(head: Any) -> Reads:
    """What a head reads besides the picture: the keyword-only arguments of its ``forward``."""
    keywords = [p for p in parameters(head.forward).values() if p.kind is p.KEYWORD_ONLY]
    return Reads({p.name: p.name for p in keywords}, tuple(p.name for p in keywords if p.default is p.empty))


def redirection_faults(kind: str, factory: Callable[..., Any], spec: Mapping[str, Any], path: str) -> list[str]:
    """Faults of a component's ``reads`` that can be found in its config, without building it."""
    method = getattr(factory, READERS[kind], None)
    try:
        if method is not None:  # else a function that makes the component, whose arguments are known once it is built
            reads(method, spec.get("reads", {}), path)
    except LowfaceError as error:
        return [str(error)]
    return []


def check_wiring(
    readers: Mapping[str, Reads],
    source: str,
    data: Iterable[str],
    outputs: Iterable[str],
    heads: Mapping[str, Any],
    extra: Iterable[str] = (),
) -> None:
    """Every name that a reader must read is supplied, and every name that the heads it asks must read.

    With ``LOWFACE_TRACE=1`` a line for each reader says who fills each of its arguments.

    Args:
        readers: by config path, e.g. ``losses.color``.
        source: config section of the data, and which they are: ``train_dataset 'lapa_face'``.
        data: names of the data.
        outputs: names of the enhancer's outputs, none without an enhancer; of two suppliers the later one is read.
        heads: by config key.
        extra: names that an evaluation adds for metrics; heads do not see them.

    Raises:
        ConfigError: the first name nobody supplies, the names on offer and the nearest match.
    """
    offers = {name: who for who, names in ((source, data), ("enhancer", outputs), ("heads", heads)) for name in names}
    if "enhancer" in offers.values():
        _check(source.partition(" ")[0], ["low"], offers, source)
    further = {**offers, **dict.fromkeys(extra, "evaluation")}
    for path, what in readers.items():
        _check(path, what.required, further, source, f"; {path}.reads redirects it")
        for key in set(what.all) & set(heads):
            _check(f"{path}: heads.{key}", head_reads(heads[key]).required, offers, source)
        filled = [_filled(argument, name, further) for argument, name in what.sources.items()]
        trace(f"{path} reads {', '.join(filled) or 'nothing'}")


def _check(path: str, wanted: Iterable[str], offers: Mapping[str, str], source: str, cure: str = "") -> None:
    for name in wanted:
        if name not in offers:
            raise ConfigError(
                f"{path}: reads {name!r}, which nobody supplies{nearest(name, offers)}; "
                f"on offer from {source}, the enhancer and the heads: {listing(offers)}{cure}"
            )


def _filled(argument: str, name: str, offers: Mapping[str, str]) -> str:
    if name not in offers:
        return f"{argument} left at its default"
    return f"{argument} from {offers[name]}" + (f" ({name})" if name != argument else "")
