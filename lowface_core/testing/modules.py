"""Checks of components that are modules: state dicts, and devices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lowface_core.testing.elsewhere import ElsewhereError, pretended, sent
from lowface_core.testing.suite import Contract
from lowface_core.testing.values import difference

#: The device that components are tried on where there is one.
GPU = "cuda"


class ModuleContract(Contract):
    """Base of the suites for components that are, or hold, modules."""

    def check_moves(self, module: Any, run: Callable[[Any, Callable[[Any], Any]], Any]) -> None:
        """Runs on every other device there is, one that is only pretended included.

        Args:
            module: what to move; None for things that are not moved.
            run: gets the moved module and a function that moves tensors and dicts of them.
        """
        cure = "register_buffer() what the module keeps, and make tensors with device= of an input"
        told = ""
        with pretended():
            try:
                run(sent(module), sent)
            except ElsewhereError as error:
                self.require(False, f"it does not work on another device than the processor: {error}", cure)
            except AssertionError:
                raise
            except Exception as error:
                told = f"{type(error).__name__}: {error}"
        if torch.cuda.is_available():
            with self.holding("it does not work on a GPU", cure):
                run(None if module is None else self.build().to(GPU), _to_gpu)
        elif told:
            pytest.skip(f"no GPU here, and a pretended one cannot run this ({told[:200]})")

    def check_plain_tensors(self, module: nn.Module) -> None:
        """No tensor is kept as a plain attribute, which ``.to(device)`` and ``state_dict()`` would pass over."""
        for name, part in module.named_modules():
            kept = [k for k, v in vars(part).items() if isinstance(v, Tensor)]
            self.require(
                not kept,
                f"{'.'.join(filter(None, [name, kept[0] if kept else '']))} is a tensor kept as a plain attribute",
                "register_buffer() it, with persistent=False if it does not belong in checkpoints",
            )

    def check_round_trip(self, module: nn.Module, other: nn.Module, answer: Callable[[nn.Module], Any]) -> None:
        """The state dict, saved and read with ``weights_only=True``, makes ``other`` answer as ``module`` does."""
        path = self.folder / "state.pth"
        with self.holding(
            "its state_dict() does not survive saving", "keep tensors and plain data in it, nothing else"
        ):
            torch.save(module.state_dict(), path)
            state = torch.load(path, weights_only=True)
        with self.holding("its own state_dict() does not load", "give every build of it the same parameters"):
            other.load_state_dict(state)
        told = difference(answer(module), answer(other), 1e-6)
        self.require(
            not told,
            f"after a round trip through state_dict() it answers otherwise: {told}",
            "keep everything that decides the answer in parameters, buffers or keywords",
        )


def _to_gpu(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _to_gpu(part) for key, part in value.items()}
    if isinstance(value, Tensor):
        return value.detach().to(GPU).requires_grad_(value.requires_grad)
    return value.to(GPU) if isinstance(value, nn.Module) else value
