"""Checks of components that are modules: the type itself, and their state dicts."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from lowface_core.testing.steps import StepContract
from lowface_core.testing.values import row


class ModuleContract(StepContract):
    """Base of the suites for components that are modules: losses, heads, enhancers."""

    def test_is_a_module(self) -> None:
        """It is an ``nn.Module``, which the core can move, freeze and save."""
        made = self.build()
        self.require(isinstance(made, nn.Module), f"it is {type(made).__name__}", "derive it from torch.nn.Module")

    def test_state_dict_round_trip(self) -> None:
        """The state dict, saved and loaded into another build, gives the same result; no tensor escapes it."""
        self.check_state(self.ready())

    def check_state(self, module: nn.Module) -> None:
        """No tensor is a plain attribute, and the state dict makes another build give what ``module`` gives."""
        for name, part in module.named_modules():
            kept = [k for k, v in vars(part).items() if isinstance(v, Tensor)]
            self.require(
                not kept,
                f"{'.'.join(filter(None, [name, *kept[:1]]))} is a tensor kept as a plain attribute",
                "register_buffer() it, with persistent=False if it does not belong in checkpoints",
            )
        path, other, names = self.folder / "state.pth", self.ready(), self.names()
        with self.holding("its state_dict() does not survive saving", "keep tensors and plain data in it"):
            torch.save(module.state_dict(), path)
            state = torch.load(path, weights_only=True)
        with self.holding("its own state_dict() does not load", "give every build of it the same parameters"):
            other.load_state_dict(state)
        self.require_same(
            self.outcome(module, names),
            self.outcome(other, names),
            "after a round trip through state_dict() it gives another result",
            "keep everything that decides the result in parameters, buffers or keywords",
            1e-6,
        )

    def check_alone(self, cure: str) -> None:
        """A picture's result is the same alone and in a batch, unless ``batch_independent`` is False."""
        if not self.batch_independent:
            pytest.skip("declared to depend on the batch")
        names, made = self.names(), self.ready()
        total = len(next(iter(names.values())))
        with torch.no_grad():
            whole = self.outcome(made, names)
            for index in range(total):
                self.require_same(
                    row(whole, index, total),
                    row(self.outcome(made, row(names, index, total)), 0, 1),
                    f"picture {index} alone gives another result than in the batch",
                    f"{cure}, or set batch_independent = False",
                    self.tolerance,
                )
