"""Whether those who take turns can learn, found before the first iteration, once everything is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from torch import nn

from lowface_core.config.settings import PHASES
from lowface_core.errors import ConfigError, listing
from lowface_core.step.wiring import Reads
from lowface_core.train.turns import Phase, Turns


def check_turns(
    turns: Turns, enhancer: nn.Module, heads: Mapping[str, nn.Module], wants: Mapping[str, Reads], processes: int
) -> None:
    """Looks at each phase; without phases there is nothing to find.

    Args:
        heads: by config key, before they are frozen.
        wants: what each loss reads, by config key.
        processes: how many train together.

    Raises:
        ConfigError: a line for each phase whose learner would not learn, or may not.
    """
    if not turns.taken:
        return
    if processes > 1:
        raise ConfigError(f"{PHASES}: are trained by one process; leave out --launcher")
    faults = []
    for place, phase in enumerate(turns.phases):
        module = enhancer if phase.head is None else heads[phase.head]
        path = f"{PHASES}[{place}]"
        if not any(p.requires_grad for p in module.parameters()):
            faults.append(f"{path}.train: {phase.train} has no parameters that could be trained")
        if phase.head is not None:
            faults += _of_head(path, phase, phase.head, module, wants)
    if faults:
        raise ConfigError("\n".join(faults))


def _of_head(path: str, phase: Phase, key: str, head: nn.Module, wants: Mapping[str, Reads]) -> Iterator[str]:
    if hasattr(head, "prepare_for"):
        # what it prepared with the weights of before would no longer fit those of after
        yield f"{path}.train: {phase.train} prepares a gallery of a data set, which its own training would outdate"
    names = wants if phase.losses is None else phase.losses
    if not any(key in wants[name].all for name in names):
        yield f"{path}.losses: none of {listing(names)} reads the head {key!r}, which would learn nothing"
