"""Checks of every component that is given pictures within a step: sizes, repeatability, inputs, devices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from lowface_core.testing.elsewhere import ElsewhereError, pretended, sent
from lowface_core.testing.pictures import tiny_batch
from lowface_core.testing.suite import Contract
from lowface_core.testing.values import copied, leaves

#: The device that components are tried on where there is one.
GPU = "cuda"
Send = Callable[[Any], Any]


def stay(value: Any) -> Any:
    """Moves nothing: the ``send`` of a check on the processor."""
    return value


class StepContract(Contract):
    """Base of the suites for components that compute from the names of a step: losses, heads, enhancers, metrics.

    A suite says in :meth:`names` what a step offers and in :meth:`outcome` what the component makes of it.
    """

    batch_independent: ClassVar[bool] = True
    smallest: ClassVar[int] = 32
    tolerance: ClassVar[float] = 1e-4
    #: Numbers of pictures that :meth:`test_odd_sizes` takes at once.
    counts = (2, 1, 3)

    def names(self, height: int = 32, width: int = 32, pictures: int = 4) -> dict[str, Any]:
        """What a step offers besides heads: the batch, see ``tiny_batch``."""
        return tiny_batch(height, width, pictures)

    def ready(self) -> Any:
        """The component as it is used."""
        return self.build()

    def outcome(self, made: Any, names: Mapping[str, Any], send: Send = stay) -> Any:
        """What the component makes of a step's names; ``send`` moves what else it needs to their device."""
        raise NotImplementedError

    def elsewhere(self, made: Any, send: Send) -> Any:
        """Its outcome on the device that ``send`` moves to."""
        return self.outcome(made, send(self.names()), send)

    def check_size(self, names: Mapping[str, Any], where: str) -> None:
        """The component works for pictures of this size."""
        self.outcome(self.ready(), names)

    def check_moves(self, module: Any, run: Callable[[Any, Send], Any]) -> None:
        """Runs on every other device there is, one that is only pretended included.

        Args:
            module: what to move; None for things that are not moved.
            run: gets the moved module and a function that moves tensors and dicts of them.
        """
        cure = "register_buffer() what the module keeps, and make tensors with device= of an input"
        reason = ""
        with pretended():
            try:
                run(sent(module), sent)
            except ElsewhereError as error:
                self.require(False, f"it does not work on another device than the processor: {error}", cure)
            except AssertionError:
                raise
            except Exception as error:
                reason = f"{type(error).__name__}: {error}"
        if torch.cuda.is_available():
            with self.holding("it does not work on a GPU", cure):
                run(None if module is None else self.build().to(GPU), _to_gpu)
        elif reason:
            pytest.skip(f"no GPU here, and a pretended one cannot run this ({reason[:200]})")

    # --- checks -------------------------------------------------------------------------------------------------------

    def test_odd_sizes(self) -> None:
        """Pictures of odd height and width, the smallest ones, and small batches."""
        least = self.smallest
        sizes = ((least, least), (least + 7, least + 18), (least + 1, least))
        for (height, width), pictures in zip(sizes, self.counts, strict=True):
            where = f"for {pictures} pictures of {height}x{width}"
            with self.holding(f"it fails {where}", "resize or pad inside, or state the least side as smallest"):
                self.check_size(self.names(height, width, pictures), where)

    def test_is_deterministic(self) -> None:
        """The same pictures give the same result again, and in another build of the same arguments."""
        names, first, second = self.names(), self.ready(), self.ready()
        torch.manual_seed(0)
        before = self.outcome(first, names)
        torch.manual_seed(1)
        for made, cure in (
            (first, "draw no numbers and keep nothing between calls"),
            (second, "draw first weights from torch's generator alone, which the run seeds; share nothing"),
        ):
            self.require_same(before, self.outcome(made, names), "the same pictures give another result", cure)

    def test_leaves_its_inputs_alone(self) -> None:
        """Nothing that others read after it is changed."""
        names = self.names()
        before = copied(names)
        self.outcome(self.build(), names)
        self.require_same(
            before, copied(names), "it changes its input", "use no in-place operation on what it is given"
        )

    def test_moves_to_another_device(self) -> None:
        """Works where its pictures are: on a GPU where there is one, else on a pretended device."""

        def run(made: Any, send: Send) -> None:
            device = send(torch.zeros(1)).device.type
            for path, value in leaves(self.elsewhere(made, send)):
                self.require(
                    not isinstance(value, Tensor) or value.device.type == device,
                    f"{path} is on {getattr(value, 'device', None)}, the pictures are elsewhere",
                    "do not call cpu() or numpy() on the way",
                )

        made = self.build()
        self.check_moves(made if isinstance(made, nn.Module) else None, run)


def _to_gpu(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _to_gpu(part) for key, part in value.items()}
    if isinstance(value, Tensor):
        return value.detach().to(GPU).requires_grad_(value.requires_grad)
    return value.to(GPU) if isinstance(value, nn.Module) else value
