"""The conformance suite for enhancers."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from lowface_core.step.run_enhancer import run_enhancer
from lowface_core.testing.fakes import tiny_batch
from lowface_core.testing.steps import ModuleContract, Send, stay
from lowface_core.testing.suite import STEEP
from lowface_core.testing.values import floats


class EnhancerContract(ModuleContract):
    """An enhancer is a module that turns ``low`` into ``enhanced``, both (B,3,H,W) in [0,1].

    Attributes to set, besides those of :class:`~lowface_core.testing.steps.StepContract`:
        unused: names of parameters that need no gradient; a parameter that never gets one stops a run on several GPUs.
        whole_picture: why the enhancer states no ``receptive_radius``, such as ``"matches the picture's histogram"``.

    Methods to override: :meth:`low` for other pictures.
    """

    kind: ClassVar[str] = "enhancer"
    smallest: ClassVar[int] = 16
    unused: ClassVar[Sequence[str]] = ()
    whole_picture: ClassVar[str] = ""

    def low(self, height: int = 32, width: int = 32, pictures: int = 3) -> Tensor:
        """Dark pictures, (B,3,H,W) in [0,1]."""
        return tiny_batch(height, width, pictures)["low"]

    def answer(self, enhancer: nn.Module, low: Tensor) -> dict[str, Any]:
        """Its outputs by name, from a dict or a single tensor; gradients as the mode allows."""
        out = enhancer(low)
        return {"enhanced": out} if isinstance(out, Tensor) else out

    def names(self, height: int = 32, width: int = 32, pictures: int = 3) -> dict[str, Any]:
        """What a step offers to an enhancer."""
        return {"low": self.low(height, width, pictures)}

    def ready(self) -> nn.Module:
        """The enhancer as evaluation uses it."""
        return self.build().eval()

    def outcome(self, made: nn.Module, names: Mapping[str, Any], send: Send = stay) -> dict[str, Any]:
        """Its outputs by name."""
        return self.answer(made, names["low"])

    def check_size(self, names: Mapping[str, Any], where: str) -> None:
        """Its outputs are as they must be in training as in eval mode."""
        for mode in (True, False):
            out = self.answer(self.build().train(mode), names["low"])
            self._check_outputs(out, names["low"], f"{where}{' in training' if mode else ''}")

    def test_for_inference_gives_the_same(self) -> None:
        """``for_inference()``, where there is one, has the same outputs for pictures of any size."""
        enhancer = self.ready()
        quicker = getattr(enhancer, "for_inference", None)
        if quicker is None:
            pytest.skip("no for_inference")
        with torch.no_grad():
            used = quicker()
            for height, width in ((self.smallest, self.smallest + 1), (39, 50)):
                low = self.low(height, width, 2)
                rule = f"for_inference() gives another result for pictures of {height}x{width}"
                cure = "leave the weights' meaning as it is"
                self.require_same(self.answer(enhancer, low), self.answer(used, low), rule, cure, tolerance=1e-5)

    def test_smooth_leads_from_one_context_to_the_next(self) -> None:
        """``smooth(previous, context, weight)``, where there is one, changes neither, is ``context`` for weight 1, and
        leaves alone what is the same in both."""
        enhancer = self.ready()
        own, describe = getattr(enhancer, "smooth", None), getattr(enhancer, "context", None)
        if own is None:
            pytest.skip("no smooth")
        self.require(describe is not None, "smooth() without context()", "add context(picture), or take smooth() out")
        with torch.no_grad():
            one, other = (describe(self.low(33, 41, 1) * share) for share in (1.0, 0.5))  # type: ignore[misc]
            before = copy.deepcopy((one, other))
            whole, same, half = own(one, other, 1.0), own(one, one, 0.25), own(one, other, 0.25)
            cure = "return previous + weight * (context - previous), in new tensors"
            self.require_same(before, (one, other), "smooth() changes what it is given", cure)
            self.require_same(other, whole, "smooth() with weight 1 gives another context", cure, tolerance=1e-5)
            self.require_same(one, same, "smooth() of a context with itself gives another", cure, tolerance=1e-5)
            low = self.low(33, 41, 1)
            self._check_outputs(run_enhancer(enhancer, low, half), low, "with a smoothed context")

    def _check_outputs(self, out: Any, low: Tensor, where: str) -> None:
        rule = f"{where} forward returns {type(out).__name__} without 'enhanced'"
        self.require(isinstance(out, dict) and "enhanced" in out, rule, 'return {"enhanced": picture} or the picture')
        enhanced = out["enhanced"]
        rule = f"{where} enhanced is {tuple(getattr(enhanced, 'shape', ()))}, the picture {tuple(low.shape)}"
        cure = "return a picture of the size given: pad inside and cut the margin off again"
        self.require(isinstance(enhanced, Tensor) and enhanced.shape == low.shape, rule, cure)
        rule = f"{where} enhanced is {enhanced.dtype}"
        self.require(enhanced.dtype == torch.float32, rule, "return float32 for float32")
        self.require_finite(out, f"{where} ")
        for name, value in floats(out):
            rule = f"{where} {name} has {tuple(value.shape)} for {len(low)} pictures"
            self.require(value.shape[:1] == low.shape[:1], rule, "give every output a row for each picture")
        least, most = float(enhanced.detach().min()), float(enhanced.detach().max())
        cure = "end with a sigmoid or clamp(0, 1)"
        self.require(least >= 0 and most <= 1, f"{where} enhanced reaches from {least:.3g} to {most:.3g}", cure)

    def described(self) -> Sequence[str]:
        """What ``forward`` gives, where the class says so."""
        return tuple(getattr(self.build(), "outputs", ()))

    def test_returns_a_picture(self) -> None:
        """``enhanced`` has the shape, type and range of a picture, in training as in eval mode, and no NaN."""
        self.check_size(self.names(), "for rendered faces")

    def test_outputs_are_as_announced(self) -> None:
        """``outputs`` on the class names what ``forward`` gives; losses are wired by it before training starts."""
        enhancer = self.build()
        given, announced = set(self.answer(enhancer, self.low())), set(getattr(enhancer, "outputs", ("enhanced",)))
        rule = f"forward gives {', '.join(sorted(given))}, outputs announces {', '.join(sorted(announced))}"
        cure = f"write outputs = {tuple(sorted(given, key=lambda n: (n != 'enhanced', n)))} in the class"
        self.require(given == announced, rule, cure)

    def test_black_and_white_pictures(self) -> None:
        """Outputs and gradients stay finite on pictures that are black or white throughout."""
        for filled in (0.0, 1.0):
            low = torch.full_like(self.low(), filled)
            enhancer = self.build().train()
            out = self.answer(enhancer, low)
            where = f"for pictures that are {filled:g} throughout"
            self._check_outputs(out, low, where)
            self._check_gradients(enhancer, out, where)

    def _check_gradients(self, enhancer: nn.Module, out: Any, where: str) -> None:
        values = [value for _, value in floats(out) if value.requires_grad]
        if values:
            # each output has its own share: of low − noise and noise, weighed alike, nothing would be left
            shares = [torch.linspace(0.5, 1, v.numel()).view_as(v) / (i + 1) for i, v in enumerate(values)]
            torch.stack([(v * share).sum() for v, share in zip(values, shares, strict=True)]).sum().backward()
        gradients = {name: parameter.grad for name, parameter in enhancer.named_parameters()}
        self.require_finite(gradients, f"{where} the gradient of ", STEEP)

    def test_every_parameter_trains(self) -> None:
        """Gradients of the outputs reach every trainable parameter, and some of them are not zero."""
        enhancer = self.build().train()
        wanted = [name for name, p in enhancer.named_parameters() if p.requires_grad and name not in self.unused]
        if not wanted:
            pytest.skip("has no parameters to train")
        self._check_gradients(enhancer, self.answer(enhancer, self.low()), "for rendered faces")
        gradients = {name: p.grad for name, p in enhancer.named_parameters()}
        lost = [name for name in wanted if gradients[name] is None]
        cure = "take detach() and no_grad() out, remove the parameter, or list it in unused"
        self.require(not lost, f"no gradient reaches {', '.join(lost[:5])}", cure)
        cure = "start inside the range: clamp() and dead units let no gradient through"
        self.require(any(bool((gradients[name] != 0).any()) for name in wanted), "all gradients are zero", cure)

    def test_pictures_do_not_see_each_other(self) -> None:
        """In eval mode a picture's result is the same alone and in a batch."""
        self.check_alone("take no statistics over the batch in eval mode")

    def test_state_dict_round_trip(self) -> None:
        """A checkpoint holds all that training changes: read into another build, it gives the same result."""
        trained = self.ready()
        torch.manual_seed(5)
        with torch.no_grad():
            for parameter in trained.parameters():
                parameter.add_(0.02 * torch.randn_like(parameter))
            self.check_state(trained)

    def test_receptive_radius_holds(self) -> None:
        """Beside ``context``, no pixel farther than ``receptive_radius`` has any influence: tiles fit seamlessly."""
        enhancer = self.ready()
        radius = getattr(enhancer, "receptive_radius", None)
        if radius is None:
            rule = "it states no receptive_radius, so that one large photo takes all the memory"
            cure = "state how many pixels away its output looks, or say in the suite's whole_picture why nobody can"
            self.require(self.whole_picture, rule, cure)
            pytest.skip(f"no receptive_radius: {self.whole_picture}")
        side = 2 * int(radius) + 17
        if side > 400:
            pytest.skip(f"a picture of {side} pixels would be needed")
        low = self.low(side, side, 1)
        other = low.clone()
        centre = side // 2
        other[:, :, centre, centre] = 1 - other[:, :, centre, centre]
        describe = getattr(enhancer, "context", None)
        with torch.no_grad():
            context = None if describe is None else describe(low)
            one, two = (run_enhancer(enhancer, picture, context)["enhanced"] for picture in (low, other))
        gap = (one - two).abs().amax((0, 1))
        rows, columns = torch.nonzero(gap > 1e-6, as_tuple=True)
        reach = max([0, *(rows - centre).abs().tolist(), *(columns - centre).abs().tolist()])
        rule = f"a pixel changes the result {reach} pixels away, receptive_radius is {radius}"
        self.require(reach <= radius, rule, "state the larger number, or none if a whole-picture statistic is used")
