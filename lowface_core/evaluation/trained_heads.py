"""Heads that learned together with an enhancer: their weights are those of its checkpoint, and results say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from torch import nn

from lowface_core.errors import WeightsError


def described(heads: Mapping[str, Any], trained: Iterable[str]) -> dict[str, Any]:
    """A config's heads as columns of a result show them: ``trained`` is True of those that learned."""
    trained = set(trained)
    return {key: {**spec, "trained": True} if key in trained else spec for key, spec in heads.items()}


def take_over(heads: Mapping[str, nn.Module], states: Mapping[str, Any], source: str) -> list[str]:
    """Gives heads the weights that they had when the enhancer was saved.

    Args:
        heads: by config key, built with the weights that training began with.
        states: state dicts by config key; one whose head is not asked for is left alone.
        source: the checkpoint, for the message.

    Returns:
        keys of the heads that have other weights now.

    Raises:
        WeightsError: a head is not the one that learned.
    """
    found = [key for key in states if key in heads]
    for key in found:
        try:
            heads[key].load_state_dict(states[key])
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:200]
            raise WeightsError(
                f"heads.{key}: is not the head of that name that was trained into {source} ({reason}); "
                "give it another name to judge by its own weights"
            ) from error
    return found
