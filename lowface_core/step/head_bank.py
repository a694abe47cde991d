"""The heads of a run: frozen once, called at most once per picture and step, kept apart from the trained model."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lowface_core.errors import LowfaceError
from lowface_core.step.feature_head import FeatureHead
from lowface_core.step.wiring import Reads, check_reads


def freeze(head: nn.Module, device: torch.device | str = "cpu") -> nn.Module:
    """Freezes a head in place: eval mode locked, no parameter gradients, on the device; gradients reach its input."""
    head.eval().requires_grad_(False).to(device)
    for module in head.modules():
        # an instance attribute, so that no call of train(), on the head or on a part of it, leaves eval mode again
        module.train = functools.partial(_stay_in_eval, module)  # type: ignore[method-assign]
    return head


def _stay_in_eval(module: nn.Module, mode: bool = True) -> nn.Module:
    return module


def names_read(head: nn.Module) -> tuple[list[str], list[str]]:
    """Step names a head's ``forward`` reads besides the picture: (required, optional) keyword-only arguments."""
    keywords = [p for p in inspect.signature(head.forward).parameters.values() if p.kind is p.KEYWORD_ONLY]
    required = [p.name for p in keywords if p.default is p.empty]
    return required, [p.name for p in keywords if p.default is not p.empty]


def check_reader(
    path: str, what: Reads, offered: Sequence[str], extra: Sequence[str], heads: Mapping[str, nn.Module], source: str
) -> None:
    """Every name that a loss or metric must read is supplied, and every name that the heads it asks must read.

    Args:
        path: config path of the reader.
        offered: names of the data, the enhancer's outputs, and the heads.
        extra: names that the reader gets besides, which heads do not see.
        heads: by config key.
        source: who supplies the batch names, for the message.

    Raises:
        ConfigError: the first name nobody supplies; see :func:`lowface_core.step.wiring.check_reads`.
    """
    check_reads(path, what.required, [*offered, *extra], source)
    for key in set(what.all) & set(heads):
        check_reads(f"{path}: heads.{key}", names_read(heads[key])[0], offered, source)


class BoundHead:
    """A head within one step: remembers what it was asked, fills in the step names it reads.

    Calling it with the same picture and arguments again returns the same object. A picture without gradient is run
    under ``no_grad``. Other attributes are the head's own.
    """

    def __init__(self, head: nn.Module, names: Mapping[str, Any], prepared: Any = None) -> None:
        self._head, self._names, self._prepared = head, names, prepared
        self._done: dict[Any, Any] = {}
        self._kept: list[Tensor] = []  # pictures are known by id(), so they must outlive the step

    def __getattr__(self, name: str) -> Any:
        return getattr(self._head, name)

    def __call__(self, image: Tensor, *args: Any, **kwargs: Any) -> Any:
        if isinstance(self._head, FeatureHead) and not args and set(kwargs) == {"layer"}:
            args, kwargs = (kwargs["layer"],), {}
        key = (id(image), args, tuple(sorted(kwargs.items())))
        if key not in self._done:
            self._kept.append(image)
            with torch.set_grad_enabled(image.requires_grad and torch.is_grad_enabled()):
                if isinstance(self._head, FeatureHead) and len(args) == 1 and not kwargs:
                    self._done[key] = self._climb(self._head, image, args[0])
                else:
                    self._done[key] = self._head(image, *args, **{**self._fill(), **kwargs})
        return self._done[key]

    def _fill(self) -> dict[str, Any]:
        required, optional = names_read(self._head)
        filled = {n: self._names[n] for n in [*required, *optional] if n in self._names}
        if "prepared" in optional and self._prepared is not None:
            filled["prepared"] = self._prepared
        return filled

    def _climb(self, head: FeatureHead, image: Tensor, layer: str) -> Tensor:
        """Continues from the highest rung this picture has reached below ``layer``; keeps only the layers asked for."""
        top = head.rung(layer)
        reached = [
            (head.rung(args[0]), x)
            for (picture, args, _), x in self._done.items()
            if picture == id(image) and len(args) == 1 and head.rung(args[0]) < top
        ]
        rung, x = max(reached, key=lambda r: r[0], default=(-1, None))
        if x is None:
            x = head.prepare(image)
        for step in range(rung + 1, top + 1):
            x = head.climb(step, x)
        return x


class HeadBank:
    """All heads of a run by config key; no module on purpose, which would make them children of what is trained."""

    def __init__(
        self,
        heads: Mapping[str, nn.Module],
        device: torch.device | str = "cpu",
        prepared: Mapping[str, Any] | None = None,
    ) -> None:
        self.heads = {key: freeze(head, device) for key, head in heads.items()}
        self.device = torch.device(device)
        self.prepared = dict(prepared or {})

    def __contains__(self, key: str) -> bool:
        return key in self.heads

    def bind(self, names: Mapping[str, Any]) -> dict[str, BoundHead]:
        """Fresh bound heads for one step over these names."""
        return {key: BoundHead(head, names, self.prepared.get(key)) for key, head in self.heads.items()}

    def prepared_for(self, dataset: Any, only: set[str] | None = None) -> HeadBank:
        """The same heads, made ready for a dataset: each ``prepare_for(dataset, run)`` is called once (galleries).

        Args:
            only: config keys to prepare; all by default. A head nobody will ask needs no gallery.
        """
        ready = {}
        for key, head in self.heads.items():
            hook: Callable[..., Any] | None = getattr(head, "prepare_for", None)
            if hook is None or (only is not None and key not in only):
                continue
            try:
                with torch.no_grad():
                    ready[key] = hook(dataset, self._runner(head))
            except LowfaceError as error:
                raise type(error)(f"heads.{key}: {error}") from error
        bank = HeadBank({}, self.device, ready)
        bank.heads = self.heads
        return bank

    def _runner(self, head: nn.Module) -> Callable[..., Any]:
        def run(image: Tensor, *args: Any, **names: Any) -> Any:
            moved = {k: v.to(self.device) if isinstance(v, Tensor) else v for k, v in names.items()}
            with torch.no_grad():
                return head(image.to(self.device), *args, **moved)

        return run
