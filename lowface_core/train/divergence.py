"""Why a loss, a gradient or the network stopped being finite: the line that ends such a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from mmengine.optim import OptimWrapper
from torch import Tensor, nn

from lowface_core.errors import LowfaceError, listing
from lowface_core.train.model import WeightedModel
from lowface_core.train.turns import Phase

#: A float32 above this has no square.
LARGEST = torch.finfo(torch.float32).max ** 0.5


class DivergedError(LowfaceError):
    """A loss, a gradient or the network's output became infinite or not a number."""


def diverged(model: WeightedModel, lr: float) -> DivergedError | None:
    """The error that blames the learning rate, where weights have grown beyond all bounds; else None."""
    largest = max((float(p.detach().abs().max()) for p in model.changing() if p.numel()), default=0.0)
    if largest <= LARGEST:  # not where it is NaN
        return None
    return DivergedError(f"the weights have diverged (the largest is {largest:.3g}); lr={lr:g} is too large for them")


def check_output(model: WeightedModel, batch: Mapping[str, Any], lr: float, iteration: int) -> None:
    """Makes sure that a network is worth saving; the random generators stay as they are.

    Raises:
        DivergedError: its weights, or what it makes of the batch, are not finite.
    """
    device = model.changing()[0].device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        finite = model.output_is_finite(batch)
    if error := diverged(model, lr):
        raise error
    if not finite:
        keys = listing(batch.get("key", []))
        raise DivergedError(f"the network is not finite after iteration {iteration} (batch {keys}); lower lr={lr:g}")


def explain(
    model: WeightedModel,
    batch: Mapping[str, Any],
    optimizer: OptimWrapper,
    lr: float,
    iteration: int,
    phase: Phase | None = None,
) -> DivergedError:
    """Runs a step again, loss by loss, and finds the one at fault.

    Args:
        model: as it was before the update, without a wrapper for several processes.
        batch: the batch, on the model's device.
        lr: the learning rate as configured.
        iteration: for the message.
        phase: who learns in this step; by default the enhancer.

    Returns:
        the error to raise: it names the weights and ``lr``, or the losses at fault, their weights where these are, and
        the batch.
    """
    where = f"for the batch {listing(batch.get('key', []))} at iteration {iteration}"
    if error := diverged(model, lr):
        return error
    with torch.enable_grad(), optimizer.optim_context(model):
        terms = model(**batch).terms
    weighted = model.weighted(terms)
    weights = {name: model.term_weights.get(name, 1.0) for name in terms}
    if bad := [name for name, term in terms.items() if not term.isfinite()]:
        return DivergedError(f"loss {listing(bad)} is not finite {where}")
    if bad := [name for name, term in weighted.items() if not term.isfinite()]:
        return DivergedError(f"{_heavy(bad, weights)} is not finite with its weight {where}")
    if not model.total(terms).isfinite():
        heaviest = max(weighted, key=lambda name: float(weighted[name].detach().abs()))
        return DivergedError(f"the losses' sum is not finite {where}; most of it is {_heavy([heaviest], weights)}")
    parameters = model.learning(phase or Phase())
    norms = {name: _norm(term, parameters) for name, term in weighted.items()}
    if not (bad := [name for name, norm in norms.items() if not norm.isfinite()]):
        heaviest = max(norms, key=lambda name: float(norms[name]))
        return DivergedError(
            f"the gradients' sum is not finite {where}, here or in another process; "
            f"the largest is that of {_heavy([heaviest], weights)}"
        )
    plain = [name for name in bad if not _norm(terms[name], parameters).isfinite()]
    if plain:
        return DivergedError(f"the gradient of loss {listing(plain)} is not finite {where}, although the loss is")
    return DivergedError(f"the gradient of {_heavy(bad, weights)} is not finite with its weight {where}")


def _norm(term: Tensor, parameters: list[nn.Parameter]) -> Tensor:
    """Norm of one term's gradient; 0 where it depends on no parameter."""
    if not term.requires_grad:
        return torch.zeros(())
    found = torch.autograd.grad(term, parameters, retain_graph=True, allow_unused=True)
    return nn.utils.get_total_norm([g for g in found if g is not None])


def _heavy(names: list[str], weights: Mapping[str, float]) -> str:
    return f"loss {', '.join(f'{name} (losses.{name}.weight={weights[name]:g})' for name in sorted(names))}"
