"""Checks of every component that is given pictures within a step; of modules; of those that read a step's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map_only

from lowface_core.data.dataset import Dataset
from lowface_core.errors import listing, nearest
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.wiring import Reads, reads
from lowface_core.testing.elsewhere import ElsewhereError, pretended, sent
from lowface_core.testing.fakes import fake_heads, tiny_batch, tiny_dataset
from lowface_core.testing.suite import Contract
from lowface_core.testing.values import copied, leaves, row

#: The device that components are tried on where there is one.
GPU = "cuda"
Send = Callable[[Any], Any]


def stay(value: Any) -> Any:
    """Moves nothing: the ``send`` of a check on the processor."""
    return value


class StepContract(Contract):
    """Base of the suites for components that compute from the names of a step: losses, heads, enhancers, metrics.

    A suite says in :meth:`names` what a step offers and in :meth:`outcome` what the component makes of it.

    Attributes to set, besides those of :class:`~lowface_core.testing.suite.Contract`:
        batch_independent: a picture's result does not depend on its neighbours in the batch.
        smallest: side in pixels of the smallest picture that must do.
        tolerance: relative, for comparisons of values that rounding may separate.
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
        cure = "use no in-place operation on what it is given"
        with self.holding("it changes its input, or fails", cure):  # where others read it, the core refuses
            self.outcome(self.build(), names)
        self.require_same(before, copied(names), "it changes its input", cure)

    def test_moves_to_another_device(self) -> None:
        """Works where its pictures are: on a GPU where there is one, else on a device that is only pretended."""
        cure = "register_buffer() what the module keeps, and make tensors with device= of an input"
        reason = ""
        with pretended():
            try:
                self._check_elsewhere(sent)
            except AssertionError:
                raise
            except Exception as error:
                met = error if isinstance(error, ElsewhereError) else error.__cause__
                if isinstance(met, ElsewhereError):  # as it is, or as the core tells it with the component's name
                    self.require(False, f"it does not work on another device than the processor: {met}", cure)
                reason = f"{type(error).__name__}: {error}"
        if torch.cuda.is_available():
            with self.holding("it does not work on a GPU", cure):
                self._check_elsewhere(_to_gpu)
        elif reason:
            pytest.skip(f"no GPU here, and a pretended one cannot run this ({reason[:200]})")

    def _check_elsewhere(self, send: Send) -> None:
        made = self.build()
        device = send(torch.zeros(1)).device.type
        for path, value in leaves(self.elsewhere(send(made) if isinstance(made, nn.Module) else made, send)):
            rule = f"{path} is on {getattr(value, 'device', None)}, the pictures are elsewhere"
            cure = "do not call cpu() or numpy() on the way"
            self.require(not isinstance(value, Tensor) or value.device.type == device, rule, cure)


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
            rule = f"{'.'.join(filter(None, [name, *kept[:1]]))} is a tensor kept as a plain attribute"
            cure = "register_buffer() it, with persistent=False if it does not belong in checkpoints"
            self.require(not kept, rule, cure)
        path, other, names = self.folder / "state.pth", self.ready(), self.names()
        with self.holding("its state_dict() does not survive saving", "keep tensors and plain data in it"):
            torch.save(module.state_dict(), path)
            state = torch.load(path, weights_only=True)
        with self.holding("its own state_dict() does not load", "give every build of it the same parameters"):
            other.load_state_dict(state)
        rule = "after a round trip through state_dict() it gives another result"
        cure = "keep everything that decides the result in parameters, buffers or keywords"
        self.require_same(self.outcome(module, names), self.outcome(other, names), rule, cure, 1e-6)

    def check_alone(self, cure: str) -> None:
        """A picture's result is the same alone and in a batch, unless ``batch_independent`` is False."""
        if not self.batch_independent:
            pytest.skip("declared to depend on the batch")
        names, made, cure = self.names(), self.ready(), f"{cure}, or set batch_independent = False"
        total = len(next(iter(names.values())))
        with torch.no_grad():
            whole = self.outcome(made, names)
            for index in range(total):
                alone = row(self.outcome(made, row(names, index, total)), 0, 1)
                rule = f"picture {index} alone gives another result than in the batch"
                self.require_same(row(whole, index, total), alone, rule, cure, self.tolerance)


class ReadingContract(StepContract):
    """Base of the suites for components that read a step's names by the argument names of a method.

    Methods to override: :meth:`heads` for heads by other config keys, :meth:`dataset` for another gallery.
    """

    #: The method that reads.
    reader = ""

    def heads(self) -> Mapping[str, nn.Module]:
        """Heads by config key: fake ones called ``features``, ``parser``, ``classifier`` and ``face``."""
        return fake_heads()

    def dataset(self) -> Dataset:
        """What heads are prepared for (galleries); holds the identities of :meth:`names`."""
        return tiny_dataset(8)

    def read(self) -> Reads:
        """The names that the component reads."""
        return reads(getattr(self.build(), self.reader))

    def bank(self, send: Send = stay) -> HeadBank:
        """The heads that the component reads, frozen and prepared; ``send`` moves them to a device."""
        wanted = self.read().all
        bank = HeadBank({key: head for key, head in self.heads().items() if key in wanted})
        bank.heads = {key: send(head) for key, head in bank.heads.items()}
        bank.device = send(torch.zeros(1)).device
        return bank.prepared_for(self.dataset())

    def described(self) -> Sequence[str]:
        """What it reads."""
        return self.read().all

    def test_reads_names_that_are_on_offer(self) -> None:
        """Every argument without a default is a name of the batch, an output of the enhancer, or a head."""
        offered = [*self.names(), *self.heads()]
        for name in self.read().required:
            rule = f"{self.reader} reads {name!r}, which nobody supplies{nearest(name, offered)}"
            cure = "correct the argument, give it a default, or add it to names() or heads() of this suite"
            self.require(name in offered, f"{rule} (on offer: {listing(offered)})", cure)


def _to_gpu(value: Any) -> Any:
    if isinstance(value, nn.Module):
        return value.to(GPU)
    return tree_map_only(Tensor, lambda x: x.detach().to(GPU).requires_grad_(x.requires_grad), value)
