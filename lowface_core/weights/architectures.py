"""Which registered architecture a state dict comes from, for the message when it does not fit where it was put."""

from __future__ import annotations

import functools
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import import_reference

logger = logging.getLogger("lowface")

#: Share of the weights that must agree for an architecture to be worth naming: in shapes, or in keys, which say less
#: ("conv1" is everywhere).
NEAR, NEAR_BY_KEY = 0.5, 0.8


#: State-dict key → shape.
Shapes = Mapping[str, tuple[int, ...]]


def shapes_of(state: Mapping[str, Tensor]) -> Shapes:
    """State-dict key → shape."""
    return {key: tuple(value.shape) for key, value in state.items()}


def architectures() -> Iterator[tuple[str, Shapes]]:
    """The networks that plugins registered with ``network`` and ``variants``, built without memory.

    Each comes with what messages call it, e.g. ``head 'deeplabv3plus' (backbone='resnet50')``. One that cannot be built
    (its library is missing) is passed over: this only serves to explain an error.
    """
    for component in plugins().components():
        if component.network is not None:
            for variant in component.variants or ({},):
                owner, stated = f"{component.kind} {component.name!r}", tuple(sorted(variant.items()))
                keywords = ", ".join(f"{key}={value!r}" for key, value in stated)
                try:
                    shapes = _built(component.network, owner, stated)
                    yield owner + (f" ({keywords})" if keywords else ""), shapes
                except Exception as error:
                    logger.debug("%s %s could not be built: %s", component.kind, component.name, error)


# keyed by the reference, too: tests register other components under the same name
@functools.lru_cache(maxsize=64)
def _built(reference: Any, owner: str, variant: tuple[tuple[str, Any], ...]) -> Shapes:
    build = import_reference(reference, owner)
    with torch.device("meta"):  # shapes without memory
        return shapes_of(build(**dict(variant)).state_dict())


def likeness(found: Shapes, known: Shapes) -> tuple[tuple[float, float], str]:
    """How alike two layouts are, in shapes or in keys, as two shares in [0,1], the larger first; and in words.

    Counted are tensors of two and more dimensions: vectors (biases, batch norms) have the same few lengths everywhere.
    Shapes are compared whatever their keys, since checkpoints rename; keys whatever their shapes, since widths vary.
    """
    ours, theirs = ({k: v for k, v in shapes.items() if len(v) > 1} for shapes in (found, known))
    if not ours or not theirs:
        return (0.0, 0.0), ""
    alike = (Counter(ours.values()) & Counter(theirs.values())).total()
    named = len(ours.keys() & theirs.keys())
    by_shape, by_key = (n / (len(ours) + len(theirs) - n) for n in (alike, named))
    by_key = by_key if by_key >= NEAR_BY_KEY else 0.0
    what = f"{alike} of {len(theirs)} weights have its shapes"
    if by_key > by_shape:
        what = f"{named} of {len(theirs)} weights have its keys, {alike} its shapes"
    return (max(by_shape, by_key), min(by_shape, by_key)), what


def nearest_architecture(state: Mapping[str, Tensor]) -> str:
    """A hint such as ``"; nearest registered architecture: head 'retinaface' (98 of 98 weights have its shapes)"``.

    Args:
        state: the state dict of a checkpoint.

    Returns:
        The hint; empty where no registered architecture shares half of the weights.
    """
    found = shapes_of(state)
    best, hint = (NEAR, 0.0), ""
    for name, shapes in architectures():
        score, words = likeness(found, shapes)
        if score > best:
            best, hint = score, f"; nearest registered architecture: {name} ({words})"
        if score == (1.0, 1.0):
            break
    return hint
