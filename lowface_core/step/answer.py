"""What is said of an enhancer's answer that cannot be used."""

from __future__ import annotations

from lowface_core.errors import NonFiniteError


def non_finite(picture: str, enhancer: str) -> NonFiniteError:
    """Of an answer with pixels that are infinite or not a number."""
    return NonFiniteError(
        f"{picture}: {enhancer} answers with pixels that are infinite or not a number; its weights have diverged "
        "or its precision overflows: use another checkpoint, or train again with a smaller lr"
    )
