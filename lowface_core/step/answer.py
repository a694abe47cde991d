"""What is said of an enhancer's answer that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

from lowface_core.errors import LowfaceError, NonFiniteError


def wrong_size(enhancer: str, answer: Sequence[int], picture: Sequence[int]) -> LowfaceError:
    """Of an answer with another shape than the picture."""
    sizes = f"{tuple(answer)} for a picture of {tuple(picture)}"
    return LowfaceError(f"{enhancer}: answers with {sizes}; an enhancer keeps the size, and pads inside if it must")


def non_finite(picture: str, enhancer: str) -> NonFiniteError:
    """Of an answer with pixels that are infinite or not a number."""
    return NonFiniteError(
        f"{picture}: {enhancer} answers with pixels that are infinite or not a number; its weights have diverged "
        "or its precision overflows: use another checkpoint, or train again with a smaller lr"
    )
