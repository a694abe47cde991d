"""Whose code runs: what goes wrong in a component carries its name, and what it changes for everyone is set back."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from lowface_core.errors import LowfaceError, PluginError, placed
from lowface_core.registry.registration import cause

logger = logging.getLogger("lowface")
MARK = "_lowface_owner"
_told: set[tuple[str, str]] = set()


def mark(built: Any, owner: str) -> Any:
    """Remembers on an object whose it is, such as ``loss 'haze' of plugin haze-free:plugin``."""
    with contextlib.suppress(AttributeError, TypeError):  # slots, or something that is no object of its own
        object.__setattr__(built, MARK, owner)
    return built


def owner_of(built: Any) -> str:
    """What :func:`mark` remembered, else the object's class."""
    return getattr(built, MARK, None) or f"{type(built).__name__} of {type(built).__module__}"


@contextlib.contextmanager
def owned(built: Any, place: str, shared: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Context for a call of a component: see :func:`restored`, and its failures name it.

    Args:
        built: the component.
        place: config path, or whatever tells where it stands.
        shared: what others read after it; its tensors may not change.

    Raises:
        PluginError: the component raised something else than a :class:`LowfaceError` (running out of memory is not its
            fault and stays as it is), or changed something shared in place.
    """
    before = {
        name: (value, *_contents(value)) for name, value in (shared or {}).items() if hasattr(value, "is_inference")
    }
    try:
        with restored(owner_of(built)):
            yield
    except PluginError as error:
        raise (error if str(error).startswith(place) else placed(error, place)) from error.__cause__
    except LowfaceError:
        raise
    except (Exception, SystemExit) as error:
        from lowface_core.device import out_of_memory  # with torch, which whoever loads plugins does not wait for

        if out_of_memory(error):
            raise
        raise PluginError(f"{place}: {owner_of(built)} failed: {cause(error)}") from error
    for name, (value, version, sample) in before.items():
        now, again = _contents(value)
        if now != version or not (sample is None or sample.equal(again)):
            cure = f"which others read; its author should work on a copy, {name}.clone()"
            raise PluginError(f"{place}: {owner_of(built)} changes {name!r} in place, {cure}")


def _contents(tensor: Any) -> tuple[int, Any]:
    """What tells that a tensor was changed: torch's own counter; for numpy, which it does not see, some pixels."""
    version = -1 if tensor.is_inference() else tensor._version
    seen_by_numpy = tensor.device.type == "cpu" and tensor.dim() == 4
    return version, tensor.detach()[..., ::7, ::7].nan_to_num() if seen_by_numpy else None


@contextlib.contextmanager
def restored(owner: str) -> Iterator[None]:
    """Context in which code of ``owner`` runs: what it changes of the process is set back, and said once in the log."""
    before = _process()
    try:
        yield
    finally:
        for what, value in _process().items():
            if value != before[what]:
                _set_back(what, before[what])
                if (owner, what) not in _told:
                    _told.add((owner, what))
                    logger.warning("%s changes %s (to %s); it is set back", owner, what, value)


DTYPE, GRADIENTS, FOLDER = "torch's default dtype", "whether gradients are kept", "the current folder"


def _process() -> dict[str, Any]:
    """What every part of a process shares, and no component may change; before torch is there, as it begins."""
    torch = sys.modules.get("torch")
    ready = hasattr(torch, "set_default_dtype")  # not while it is being imported
    folder = None
    with contextlib.suppress(OSError):  # it may have gone
        folder = os.getcwd()
    return {
        DTYPE: str(torch.get_default_dtype()) if torch and ready else "torch.float32",
        GRADIENTS: torch.is_grad_enabled() if torch and ready else True,
        FOLDER: folder,
    }


def _set_back(what: str, value: Any) -> None:
    torch = sys.modules.get("torch")
    if torch and what == DTYPE:
        torch.set_default_dtype(getattr(torch, value.removeprefix("torch.")))
    elif torch and what == GRADIENTS:
        torch.set_grad_enabled(value)
    elif what == FOLDER and value is not None:
        with contextlib.suppress(OSError):
            os.chdir(value)
