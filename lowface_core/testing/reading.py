"""What the suites of losses and metrics share: heads by config key, prepared as a run prepares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from lowface_core.data.dataset import Dataset
from lowface_core.errors import listing, nearest
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.wiring import Reads, reads
from lowface_core.testing.fakes import fake_heads
from lowface_core.testing.pictures import tiny_dataset
from lowface_core.testing.steps import Send, StepContract, stay


class ReadingContract(StepContract):
    """Base of the suites for components that read a step's names by the argument names of a method."""

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
            self.require(
                name in offered,
                f"{self.reader} reads {name!r}, which nobody supplies{nearest(name, offered)} "
                f"(on offer: {listing(offered)})",
                "correct the argument, give it a default, or add it to names() or heads() of this suite",
            )
