"""The conformance suite for heads."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from lowface_core.errors import LowfaceError
from lowface_core.registry.components import parameters
from lowface_core.step.feature_head import FeatureHead
from lowface_core.step.head_bank import BoundHead, HeadBank, freeze
from lowface_core.step.wiring import head_reads
from lowface_core.testing.fakes import tiny_batch, tiny_dataset
from lowface_core.testing.steps import ModuleContract, Send, stay
from lowface_core.testing.suite import STEEP
from lowface_core.testing.values import copied, floats


class HeadContract(ModuleContract):
    """A head is a frozen network that losses and metrics question: ``forward(image, *args, **names)``.

    Attributes to set, besides those of :class:`~lowface_core.testing.steps.StepContract`:
        asks: arguments after the picture, e.g. ``("relu3_3",)``; the highest of its ``layers`` by default, if it has
            any, else none.
        differentiable: gradients reach the picture. False for a detector, whose results carry none.

    Methods to override: :meth:`names` for other pictures and step names.
    """

    kind: ClassVar[str] = "head"
    asks: ClassVar[Sequence[Any] | None] = None
    differentiable: ClassVar[bool] = True

    def names(self, height: int = 48, width: int = 48, pictures: int = 3) -> dict[str, Any]:
        """The step names that a head may read; ``normal`` is the picture it is shown."""
        return tiny_batch(height, width, pictures)

    def call(self, head: nn.Module, image: Tensor, names: Mapping[str, Any]) -> Any:
        """The head's answer, called as the core calls it within one step."""
        return BoundHead(head, names)(image, *self._asked(head))

    def _asked(self, head: Any) -> Sequence[Any]:
        if self.asks is not None:
            return self.asks
        return (head.layers[-1],) if hasattr(head, "layers") else ()

    def ready(self) -> nn.Module:
        """The head, frozen as the core freezes it."""
        return freeze(self.build())

    def outcome(self, made: nn.Module, names: Mapping[str, Any], send: Send = stay) -> Any:
        """Its answer for ``normal``."""
        return self.call(made, names["normal"], names)

    def elsewhere(self, made: nn.Module, send: Send) -> Any:
        """Its answer on the device that ``send`` moves to."""
        return self.outcome(made.eval().requires_grad_(False), send(self.names()))

    def described(self) -> Sequence[str]:
        """What ``forward`` reads besides the picture."""
        return head_reads(self.build()).all

    def test_reads_names_that_a_step_offers(self) -> None:
        """Keyword-only arguments of ``forward`` are step names; those without a default must be on offer."""
        missing = [name for name in head_reads(self.build()).required if name not in self.names()]
        cure = "correct the name, give it a default, or add it to names() of this suite"
        self.require(not missing, f"forward reads {', '.join(missing)}, which no batch has", cure)

    def test_answers_with_finite_numbers(self) -> None:
        """Rendered, black and white pictures are answered without NaN or infinity."""
        names, head = self.names(), self.ready()
        image = names["normal"]
        filled = {"black pictures": torch.zeros_like(image), "white pictures": torch.ones_like(image)}
        for what, picture in {"rendered faces": image, **filled}.items():
            self.require_finite(self.call(head, picture, {**names, "normal": picture}), f"for {what} ")

    def test_weights_are_never_random(self) -> None:
        """Weights are required, or built in: two builds under different seeds are equal, and none has a default."""
        wants = parameters(self.registered().resolve()).get("weights")
        rule = f"weights has the default {None if wants is None else wants.default!r}, so it can be built untrained"
        self.require(wants is None or wants.default is wants.empty, rule, "leave weights without a default")
        states = []
        for self.seed in (1, 2):
            states.append(self.build().state_dict())
        cure = "load all of them from weights=, or compute them without random numbers"
        self.require_same(states[0], states[1], "its weights depend on the seed, so it is silently untrained", cure)

    def test_stays_frozen(self) -> None:
        """Asked with a gradient, a frozen head keeps its numbers, its eval mode and no gradient of its own."""
        head, names = self.ready(), self.names()
        before = copied(head.state_dict())
        image = names["normal"].clone().requires_grad_()
        answers = [v for _, v in floats(self.call(head, image, names)) if v.requires_grad]
        if answers:
            torch.stack([v.sum() for v in answers]).sum().backward()
        cure = "update no buffers (running statistics, caches) in forward"
        self.require_same(before, copied(head.state_dict()), "a call changes its state", cure)
        loose = [name for name, p in head.named_parameters() if p.requires_grad or p.grad is not None]
        cure = "leave requires_grad alone; the core freezes heads"
        self.require(not loose, f"{', '.join(loose[:3])} takes a gradient although frozen", cure)
        training = [name or "it" for name, part in head.named_modules() if part.training]
        cure = "do not set .training; the core keeps heads in eval mode"
        self.require(not training, f"{training[:1]} leaves eval mode", cure)

    def test_gradients_reach_the_picture(self) -> None:
        """Some answer carries a finite gradient, not all zero, back to the picture."""
        if not self.differentiable:
            pytest.skip("declared to carry no gradient")
        head, names = self.ready(), self.names()
        image = names["normal"].clone().requires_grad_()
        answers = [v for _, v in floats(self.call(head, image, {**names, "normal": image})) if v.requires_grad]
        cure = "take detach(), no_grad() and argmax out of the way, or set differentiable = False for a detector"
        self.require(answers, "no part of its answer carries a gradient", cure)
        generator = torch.Generator().manual_seed(0)
        total = torch.stack([(v * torch.randn(v.shape, generator=generator)).sum() for v in answers]).sum()
        (gradient,) = torch.autograd.grad(total, image, allow_unused=True)
        self.require(gradient is not None and bool((gradient != 0).any()), "no gradient reaches the picture", cure)
        self.require_finite({"the gradient at the picture": gradient}, "", STEEP)

    def test_pictures_do_not_see_each_other(self) -> None:
        """A picture's answer is the same alone and in a batch."""
        self.check_alone("take no statistics over the batch")

    def test_layers_are_a_ladder(self) -> None:
        """For feature heads: every layer gives (B,C,h,w); climbing on from a lower one gives the same features."""
        head: Any = self.ready()
        names = self.names()
        if not hasattr(head, "layers"):
            pytest.skip("no feature head: it has no layers")
        image = names["normal"]
        rule = f"layers is {tuple(head.layers)!r}"
        self.require(len(head.layers) and len(set(head.layers)) == len(head.layers), rule, "name each rung once")
        with pytest.raises(LowfaceError), torch.no_grad():
            head(image, "no such layer")
        bound = BoundHead(head, names)
        for layer in head.layers:
            features = bound(image, layer)
            rule = f"layer {layer!r} gives {tuple(features.shape)}"
            self.require(features.ndim == 4 and len(features) == len(image), rule, "give features as (B,C,h,w)")
            with torch.no_grad():
                from_picture = head(image, layer)
            rule = f"layer {layer!r} reached from below is not what it is from the picture"
            cure = "let climb() depend on nothing but its rung and input"
            self.require_same(features, from_picture, rule, cure, self.tolerance)
            if isinstance(head, FeatureHead) and layer != head.layers[0]:
                once = bound(image, layer) is features
                self.require(once, f"layer {layer!r} is computed twice", "do not override it")

    def test_prepare_for_takes_a_data_set(self) -> None:
        """``prepare_for(dataset, run)``, where there is one, makes what ``forward`` takes as ``prepared``."""
        head = self.build()
        if not hasattr(head, "prepare_for"):
            pytest.skip("needs no preparation for a data set")
        takes = inspect.signature(head.forward).parameters.get("prepared")
        rule = "it has prepare_for(), and forward does not take what that makes"
        cure = "add the keyword-only argument prepared=None to forward"
        self.require(takes is not None and takes.kind is takes.KEYWORD_ONLY, rule, cure)
        bank = HeadBank({"head": head}).prepared_for(tiny_dataset(4, 48))
        names = self.names()
        bank.bind(names)["head"](names["normal"], *self._asked(head))
