"""What a plugin may implement. Each ``register_*`` hook fires once, when plugins are loaded, before any config is read.

A plugin is a module (or object) named by an entry point of the group ``lowface``::

    import lowface_core as lf

    @lf.hookimpl
    def register_losses(register: lf.Register) -> None:
        register("dark_channel", "my_package.dark_channel:DarkChannel")

``register`` takes the name that a config writes after ``type=`` and the factory: a class, a function, or the text
``"module:attribute"``, which is imported only when the component is used, so that listing plugins stays quick. The
factory's keyword arguments are the component's config schema. Further keywords, the component's facts:

``better``
    metrics: ``"higher"`` or ``"lower"``.
``source``
    metrics: the publication or code that defines the number, as text.
``parts``
    keyword arguments that are component configs themselves, e.g. ``{"detector": "head"}``; the core builds them first.
    ``{"steps": ["degradation"]}``: a list of components of that kind.
``weights``
    named weights that ``weights=`` may ask for: name → ``lf.Weights``, or a dict with its keywords.
``network``
    heads, enhancers, metrics: builder of the bare, untrained network, class, function or ``"module:attribute"``. When a
    checkpoint does not fit the network it was given to, its shapes are compared with every such network, so that the
    message can name the right component.
``variants``
    with ``network``: list of keyword dicts for the builder, one per architecture worth telling apart, e.g.
    ``[{"backbone": "resnet50"}]``; default: one, without keywords.
``pretrain``
    heads: the task class ``"module:attribute"`` with which ``lowface pretrain`` trains such a head.
``opens``
    enhancers: endings of the files that it runs, e.g. ``[".onnx"]``: wherever a checkpoint is asked for, such a file
    is given to the factory as ``weights``. Large pictures reach it as its ``receptive_radius`` says.
    media: endings of the files that it enhances.
``addresses``
    media: how sources begin that are no files on a disk, e.g. ``["rtsp://", "/dev/video"]``; ``"-"`` is standard input.
``without_torch``
    with ``opens``: ``"module:attribute"`` that opens such a file without importing torch, which takes seconds, for
    ``lowface enhance``: ``open(weights, device)`` → a function of arrays, float32 (1,3,H,W) RGB in [0,1] → the same,
    with ``receptive_radius`` as an attribute; None where the device asks for torch.

A plugin that needs a newer contract than the one it may meet says so in its module, ``LOWFACE_CONTRACT = 2``: a lowface
whose :data:`CONTRACT` is lower leaves it out, with a line that names both numbers and the cure. Saying nothing means 1.
Contract 2 added the hook ``register_results``, ``lf.Weights``, ``lf.Register``, lists of components as parts,
``opens``, an enhancer's ``context`` and ``smooth``, and the hook ``register_media``.
``opens``, ``without_torch``, and an enhancer's ``context``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pluggy

if TYPE_CHECKING:
    import click

PROJECT = "lowface"
#: Version of this contract. It rises when hooks, arguments, facts or step names are added; none are taken away.
CONTRACT = 2
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Named weights of a component: ``weights={"imagenet": lf.Weights(url="https://…", sha256="…", licence="MIT")}``.

    With neither ``url`` nor ``file`` they are fetched by hand: ``source`` says from where, ``filename`` what the file
    is called there. A dict of the same keys will do as well.

    Attributes:
        url: ``http://``, ``https://`` or ``file://`` address.
        sha256: of the file, or its first digits.
        size: of the file, in bytes.
        licence, source: as texts, for whoever decides whether to use them.
        filename: what their publisher calls the file.
        file: path inside the plugin's package, or inside ``package``.
        package: import name of another installed package that ships ``file``.
        extra: the plugin's distribution installs ``package`` with this extra alone.
        record: JSON file in the plugin's package that says how shipped weights were made.
        arguments: keyword defaults that the component needs with them.
        default: of an enhancer: used where no checkpoint is named. One record of all that are installed says so.
    """

    url: str | None = None
    sha256: str | None = None
    size: int | None = None
    licence: str | None = None
    source: str | None = None
    filename: str | None = None
    file: str | None = None
    package: str | None = None
    extra: str | None = None
    record: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    default: bool = False

    def plain(self) -> dict[str, Any]:
        """What was stated, as plain data."""
        return {key: value for key, value in vars(self).items() if value not in (None, {}, False)}


class Register(Protocol):
    """The callback that a ``register_*`` hook is handed."""

    def __call__(
        self,
        name: str,
        factory: Callable[..., Any] | str,
        *,
        better: Literal["higher", "lower"] | None = None,
        source: str | None = None,
        parts: Mapping[str, str | Sequence[str]] | None = None,
        weights: Mapping[str, Weights | Mapping[str, Any]] | None = None,
        network: Callable[..., Any] | str | None = None,
        variants: Sequence[Mapping[str, Any]] | None = None,
        pretrain: Callable[..., Any] | str | None = None,
        opens: Sequence[str] | None = None,
        addresses: Sequence[str] | None = None,
        without_torch: str | None = None,
    ) -> None:
        """Offers ``factory`` under ``name``; raises ``PluginError`` when the name, factory or a fact is not usable."""


@hookspec
def register_enhancers(register: Register) -> None:
    """Offer enhancers: modules that turn a low-light picture into ``{"enhanced": …}``."""


@hookspec
def register_losses(register: Register) -> None:
    """Offer losses: modules whose ``forward`` names what it reads and returns one scalar."""


@hookspec
def register_heads(register: Register) -> None:
    """Offer heads: networks that the core freezes and losses and metrics question."""


@hookspec
def register_datasets(register: Register) -> None:
    """Offer datasets: see ``lowface_core.data.dataset.Dataset``."""


@hookspec
def register_metrics(register: Register) -> None:
    """Offer metrics; the fact ``better`` is required."""


@hookspec
def register_degradations(register: Register) -> None:
    """Offer degradations: callables that make a low-quality picture from a good one."""


@hookspec
def register_results(register: Register) -> None:
    """Offer kinds of result, subclasses of ``lowface_core.report.result_report.ResultReport``.

    The name is what ``result.json`` says under ``kind``; the class states what such a result must hold, when two may be
    compared, and how ``lowface report`` shows it.
    """


@hookspec
def register_media(register: Register) -> None:
    """Offer kinds of input of ``lowface enhance`` that are no pictures; ``opens`` or ``addresses`` say which sources.

    The factory is the function that enhances one: ``enhance(job, **options)``, with a
    :class:`lowface_core.registry.media.MediaJob`, returns a :class:`lowface_core.registry.media.MediaResult`. Its
    keyword arguments are those options of ``lowface enhance`` that it understands; others are refused.
    """


@hookspec
def check_config(cfg: Mapping[str, Any]) -> list[str]:  # type: ignore[empty-body]
    """Fires after the core's own checks of a config; return a line per fault, beginning with its path in the config.

    It also fires for a config in which the core found faults, so that all are listed at once; what it raises then is
    left out.
    """


@hookspec
def register_commands(cli: click.Group) -> None:
    """Fires when the command line starts; add ``click`` commands to ``cli``. Must not import torch."""
