"""A degradation in words, for fingerprints of data sets."""

from __future__ import annotations


def described(part: object) -> str:
    """A component's class and plain settings; never an address in memory, which changes from run to run."""
    if part is None:
        return "none"
    own = getattr(part, "fingerprint", None)
    if callable(own):
        return str(own())
    settings = {
        k: v
        for k, v in sorted(getattr(part, "__dict__", {}).items())
        if isinstance(v, int | float | str | bool | tuple | list)
    }
    name = getattr(part, "__name__", type(part).__name__)
    return f"{name}({', '.join(f'{k}={v}' for k, v in settings.items())})"
