"""What a plugin offers: components by kind and name, with the facts that ride on each registration."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from lowface_core.errors import PluginError, listing, nearest
from lowface_core.registry.hookspecs import Weights
from lowface_core.registry.trace import call, diverted, timed, trace

#: Kinds that configs are made of.
KINDS = ("enhancer", "loss", "head", "dataset", "metric", "degradation")
#: Kind → plural.
PLURALS = {kind: f"{kind}es" if kind.endswith("s") else f"{kind}s" for kind in (*KINDS, "result")} | {"medium": "media"}
#: Kind → the hook that offers it.
HOOKS = {kind: f"register_{plural}" for kind, plural in PLURALS.items()}
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
NAME_OF_WEIGHTS = re.compile(r"[\w][\w.-]*\Z")  # becomes part of a file name
WEIGHTS_KEYS = frozenset(f.name for f in fields(Weights))
WEIGHED = {"head", "metric", "enhancer"}  # kinds that may have weights
FACTS = {
    "better": {"metric"},
    "source": {"metric"},
    "parts": set(KINDS),
    "weights": WEIGHED,
    "network": WEIGHED,
    "variants": WEIGHED,
    "pretrain": {"head"},
    "opens": {"enhancer", "medium"},
    "addresses": {"medium"},
    "without_torch": {"enhancer"},
}
REFERENCE = re.compile(r"[\w.]+:\w+\Z")
ENDING = re.compile(r"\.[a-z0-9]+\Z")


@dataclass(frozen=True)
class Component:
    """One thing a plugin offers.

    Attributes:
        kind: one of :data:`KINDS`.
        name: what a config writes after ``type=``.
        factory: class or function, or the text ``"module:attribute"``.
        plugin: key of the plugin, ``distribution:entry-point``.
        package: import name of the plugin's module; the ``file`` of weights is relative to it.
        better, source, parts, weights, network, variants, pretrain, opens, addresses, without_torch: its facts, see
            :mod:`lowface_core.registry.hookspecs`.
    """

    kind: str
    name: str
    factory: Any
    plugin: str
    package: str
    better: str | None = None
    source: str = ""
    parts: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    weights: Mapping[str, Weights] = field(default_factory=dict)
    network: Any = None
    variants: Sequence[Mapping[str, Any]] = ()
    pretrain: Any = None
    opens: Sequence[str] = ()
    addresses: Sequence[str] = ()
    without_torch: str | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What was registered beside name and factory, as plain data; ``weights`` are left out."""
        return {f: value for f in FACTS if f != "weights" and (value := getattr(self, f))}

    @property
    def distribution(self) -> str:
        return self.plugin.split(":", 1)[0]

    @property
    def full_name(self) -> str:
        """``distribution/name``: right even where two plugins claim the bare name."""
        return f"{self.distribution}/{self.name}"

    @property
    def spellings(self) -> tuple[str, str, str]:
        """What a config may call it, shortest first; the longer ones tell namesakes apart."""
        return self.name, self.full_name, f"{self.plugin}/{self.name}"

    def answers_to(self, name: str) -> bool:
        """Whether a config means this component by ``name``."""
        return name in self.spellings

    def resolve(self) -> Callable[..., Any]:
        """The factory itself, imported if it was registered by text.

        Raises:
            PluginError: the import fails; names the plugin and the cause.
        """
        return import_reference(self.factory, f"{self.kind} {self.name!r} of plugin {self.plugin}")


def import_reference(reference: Any, owner: str) -> Callable[..., Any]:
    """Imports ``"module:attribute"``; anything callable is returned as it is.

    Raises:
        PluginError: the module or attribute cannot be imported; ``owner`` opens the message.
    """
    if not isinstance(reference, str):
        return reference
    module, _, attribute = reference.partition(":")
    try:
        traced = contextlib.nullcontext() if module in sys.modules else timed(f"{owner}: import {module}")
        with diverted(owner), traced:
            return getattr(importlib.import_module(module), attribute)
    except (Exception, SystemExit) as error:
        raise PluginError(f"{owner} cannot be imported from {reference!r}: {cause(error)}") from error


#: Import names that another distribution's name goes with.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "cv2": "opencv-python",
    "facenet_pytorch": "facenet-pytorch",
    "mmcv": "mmcv-lite",
    "mmseg": "mmsegmentation",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "torch_fidelity": "torch-fidelity",
    "yaml": "pyyaml",
}


def cause(error: BaseException) -> str:
    """What went wrong in a plugin's code, in one line; a missing package comes with the command that installs it."""
    if isinstance(error, PluginError):
        return " ".join(str(error).split())
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        name = DISTRIBUTIONS.get(package, package)
        if error.name == package or (sys.modules.get(package) is None and importlib.util.find_spec(package) is None):
            return f"it needs the package {package!r}, which is not installed; pip install {name}"
        cure = f"check its spelling, or pip install --upgrade {name}"
        return f"the installed package {package!r} has no module {error.name!r}; {cure}"
    return f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message'}"


def has_cure(error: BaseException) -> bool:
    """Whether :func:`cause` says what to do about an error in a plugin's code."""
    return bool(isinstance(error, ModuleNotFoundError) and error.name) or getattr(error, "has_cure", False)


class Registrar:
    """The ``register`` callback for one plugin and one kind; collects what the plugin offers."""

    def __init__(self, kind: str, plugin: str, package: str, into: list[Component]) -> None:
        self.kind, self.plugin, self.package, self.into = kind, plugin, package, into

    def __repr__(self) -> str:
        return f"<register a {self.kind}>"

    def __call__(self, name: str, factory: Any, **facts: Any) -> None:
        """See :class:`lowface_core.registry.hookspecs.Register`."""
        what = f"{self.kind} {name!r}"
        trace(f"{self.plugin} {call('register', {'name': name, 'factory': factory, **facts})} as {self.kind}")
        if not isinstance(name, str) or not NAME.match(name):
            raise PluginError(f"{what}: a component name is lower-case letters, digits and underscores")
        if not is_reference(factory):
            raise PluginError(f'{what}: the factory must be a class, a function or the text "module:attribute"')
        if any(c.kind == self.kind and c.name == name for c in self.into):
            raise PluginError(f"{what} is registered twice by the same plugin")
        self._check_facts(what, facts)
        if facts.get("weights"):
            facts["weights"] = {key: _weights(what, key, stated) for key, stated in facts["weights"].items()}
        given = {fact: value for fact, value in facts.items() if value is not None}
        self.into.append(Component(self.kind, name, factory, self.plugin, self.package, **given))

    def _check_facts(self, what: str, facts: Mapping[str, Any]) -> None:
        allowed = [fact for fact, kinds in FACTS.items() if self.kind in kinds]
        for fact in facts:
            if fact not in allowed:
                raise PluginError(f"{what}: unknown fact {fact!r}{nearest(fact, allowed)}; allowed: {listing(allowed)}")
        network, variants = facts.get("network"), facts.get("variants") or ()
        if not (network is None or is_reference(network)):
            raise PluginError(f'{what}: network must be a class, a function or the text "module:attribute"')
        if not all(isinstance(variant, Mapping) for variant in variants):
            raise PluginError(f"{what}: variants is a list of keyword dicts")
        if not all(isinstance(ending, str) and ENDING.match(ending) for ending in facts.get("opens") or ()):
            raise PluginError(f'{what}: opens is a list of endings in lower case, such as [".onnx"]')
        addresses = facts.get("addresses") or ()
        if isinstance(addresses, str) or not all(isinstance(each, str) and each for each in addresses):
            raise PluginError(f'{what}: addresses is a list of texts that sources begin with, such as ["rtsp://"]')
        if self.kind == "medium" and not (facts.get("opens") or addresses):
            raise PluginError(f'{what}: say what it answers to, opens=[".mp4"] or addresses=["rtsp://"]')
        if (opener := facts.get("without_torch")) is not None:
            if not (isinstance(opener, str) and is_reference(opener)):
                raise PluginError(f'{what}: without_torch must be the text "module:attribute"')
            if not facts.get("opens"):
                raise PluginError(f"{what}: without_torch opens the files that opens lists, which is missing")
        if variants and network is None:
            raise PluginError(f"{what}: variants are keywords of network, which is missing")
        if self.kind == "metric" and facts.get("better") not in ("higher", "lower"):
            raise PluginError(f'{what}: say better="higher" or better="lower"')
        if not isinstance(facts.get("source") or "", str):
            raise PluginError(f"{what}: source is a text, such as 'Wang et al., IEEE TIP 13 (2004)'")
        for part, kind in (facts.get("parts") or {}).items():
            if isinstance(kind, (list, tuple)) and len(kind) == 1:
                kind = kind[0]
            if kind not in KINDS:
                raise PluginError(f"{what}: part {part!r} has unknown kind {kind!r}{nearest(str(kind), KINDS)}")


def is_reference(value: Any) -> bool:
    """Whether a value is a class, a function or the text ``"module:attribute"``."""
    return callable(value) or (isinstance(value, str) and REFERENCE.match(value) is not None)


def _weights(what: str, key: str, stated: Weights | Mapping[str, Any]) -> Weights:
    """The weights that a plugin states, as an object or as a dict."""
    if not NAME_OF_WEIGHTS.match(key):
        raise PluginError(f"{what}: weights {key!r}: a name is letters, digits and . _ -")
    if isinstance(stated, Weights):
        return stated
    if not isinstance(stated, Mapping):
        raise PluginError(f"{what}: weights {key!r} is {stated!r}; write lf.Weights(url=…, licence=…)")
    if unknown := set(stated) - WEIGHTS_KEYS:
        raise PluginError(f"{what}: weights {key!r} has unknown keys {listing(unknown)}")
    return Weights(**stated)
