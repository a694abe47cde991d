"""The heads of a run: frozen unless it is their turn, called once per picture and step, apart from what is trained."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from lowface_core.errors import LowfaceError, placed
from lowface_core.registry.owner import owned
from lowface_core.step.feature_head import FeatureHead
from lowface_core.step.wiring import head_reads


def freeze(head: nn.Module, device: torch.device | str = "cpu") -> nn.Module:
    """Freezes a head in place: eval mode locked, no parameter gradients, on the device; gradients reach its input."""
    head.eval().requires_grad_(False).to(device)
    for module in head.modules():
        # an instance attribute, so that no call of train(), on the head or on a part of it, leaves eval mode again
        module.train = functools.partial(_stay_in_eval, module)  # type: ignore[method-assign]
    return head


def _stay_in_eval(module: nn.Module, mode: bool = True) -> nn.Module:
    return module


class BoundHead:
    """A head within one step: remembers its answers, fills in the step names it reads.

    Calling it with the same picture and arguments again returns the same object. A picture without gradient is run
    under ``no_grad``, unless the head itself is learning. Other attributes are the head's own.
    """

    def __init__(self, head: nn.Module, names: Mapping[str, Any], prepared: Any = None, place: str = "head") -> None:
        self._head, self._names, self._prepared, self._place = head, names, prepared, place
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
            keeps = (image.requires_grad or self._head.training) and torch.is_grad_enabled()
            with torch.set_grad_enabled(keeps), owned(self._head, self._place, {"image": image}):
                if isinstance(self._head, FeatureHead) and len(args) == 1 and not kwargs:
                    self._done[key] = self._climb(self._head, image, args[0])
                else:
                    self._done[key] = self._head(image, *args, **{**self._fill(), **kwargs})
        return self._done[key]

    def _fill(self) -> dict[str, Any]:
        what = head_reads(self._head)
        prepared = {} if self._prepared is None or "prepared" not in what.all else {"prepared": self._prepared}
        return {**what.pick(self._names), **prepared}

    def _climb(self, head: FeatureHead, image: Tensor, layer: str) -> Tensor:
        """Continues from the highest rung this picture has reached below ``layer``; keeps only the layers asked for."""
        done = [(args, x) for (picture, args, _), x in self._done.items() if picture == id(image)]
        reached = {head.rung(args[0]): x for args, x in done if len(args) == 1}
        below = max((rung for rung in reached if rung < head.rung(layer)), default=None)
        return head(image, layer) if below is None else head.climb_on(below, reached[below], layer)


class HeadBank:
    """All heads of a run by config key; no module on purpose, which would make them children of what is trained.

    Args:
        heads: by config key.
        prepared: what they made ready for a data set.
        learners: keys of those that may learn, see :meth:`let_learn`; all others are frozen for good.
    """

    def __init__(
        self,
        heads: Mapping[str, nn.Module],
        device: torch.device | str = "cpu",
        prepared: Mapping[str, Any] | None = None,
        learners: Iterable[str] = (),
    ) -> None:
        #: Of each head that may learn, the parameters that its author did not freeze.
        self.learnable = {key: [p for p in heads[key].parameters() if p.requires_grad] for key in learners}
        self.heads = {
            key: head.eval().requires_grad_(False).to(device) if key in self.learnable else freeze(head, device)
            for key, head in heads.items()
        }
        self.device = torch.device(device)
        self.prepared = dict(prepared or {})

    def __contains__(self, key: str) -> bool:
        return key in self.heads

    def let_learn(self, key: str | None) -> None:
        """Puts one of the learners into training mode, with gradients, and all others to rest; None: all of them."""
        for each, parameters in self.learnable.items():
            self.heads[each].train(each == key)
            for parameter in parameters:
                parameter.requires_grad_(each == key)

    def bind(self, names: Mapping[str, Any]) -> dict[str, BoundHead]:
        """Fresh bound heads for one step over these names."""
        return {k: BoundHead(head, names, self.prepared.get(k), f"heads.{k}") for k, head in self.heads.items()}

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
                with torch.no_grad(), owned(head, f"heads.{key}"):
                    ready[key] = hook(dataset, functools.partial(self._run, head))
            except LowfaceError as error:
                if str(error).startswith(f"heads.{key}"):
                    raise
                raise placed(error, f"heads.{key}") from error
        bank = HeadBank({}, self.device, ready)
        bank.heads, bank.learnable = self.heads, self.learnable
        return bank

    @torch.no_grad()
    def _run(self, head: nn.Module, image: Tensor, *args: Any, **names: Any) -> Any:
        moved = {k: v.to(self.device) if isinstance(v, Tensor) else v for k, v in names.items()}
        return head(image.to(self.device), *args, **moved)
