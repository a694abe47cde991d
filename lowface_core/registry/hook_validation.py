"""Whether a plugin keeps to the contract of ``hookspecs``, with messages for whoever wrote it."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import pluggy

from lowface_core import __version__
from lowface_core.errors import PluginError, listing, nearest
from lowface_core.registry import hookspecs

_OPEN = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def hook_arguments() -> dict[str, tuple[str, ...]]:
    """The hooks a plugin may implement, with their arguments' names."""
    return {
        name: tuple(inspect.signature(function).parameters)
        for name, function in vars(hookspecs).items()
        if hasattr(function, f"{hookspecs.PROJECT}_spec")
    }


def check_contract(module: Any) -> None:
    """The contract's version that a plugin states, if any, is one that this lowface has.

    Raises:
        PluginError: it is newer, or no whole number.
    """
    wanted = getattr(module, "LOWFACE_CONTRACT", 1)
    if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 1:
        raise PluginError(f"LOWFACE_CONTRACT is {wanted!r}; write a whole number, such as {hookspecs.CONTRACT}")
    if wanted > hookspecs.CONTRACT:
        raise PluginError(
            f"it needs plugin contract {wanted}, and lowface {__version__} has contract {hookspecs.CONTRACT}; "
            "pip install --upgrade lowface, or install an older version of the plugin",
            has_cure=True,
        )


def check_hooks(module: Any, manager: pluggy.PluginManager) -> None:
    """Every hook of a plugin is one of lowface's, with arguments that it is called with, and has the marker.

    Raises:
        PluginError: the first that is not, with the nearest hook or the right signature; or there is none.
    """
    known = hook_arguments()
    found = 0
    for name in dir(module):
        options = manager.parse_hookimpl_opts(module, name)
        if options is None:
            if name in known and getattr(getattr(module, name), "__module__", None) == package_of(module):
                raise PluginError(f"{name} is not marked as a hook; write @lf.hookimpl above it")
            continue
        hook = options.get("specname") or name
        if hook not in known:
            if options.get("optionalhook"):
                continue
            raise PluginError(f"unknown hook {hook!r}{nearest(hook, known)}; hooks: {listing(known)}")
        if options.get("wrapper") or options.get("hookwrapper"):
            raise PluginError(f"hook {hook}: {name} is a wrapper, and there is nothing to wrap; remove wrapper=True")
        found += 1
        for argument in inspect.signature(getattr(module, name)).parameters.values():
            needed = argument.default is argument.empty and argument.kind not in _OPEN
            if needed and argument.name not in known[hook]:
                right = ", ".join(known[hook])
                raise PluginError(f"hook {hook} has no argument {argument.name!r}; write def {name}({right})")
    if not found:
        raise PluginError("implements no lowface hook; is @lf.hookimpl missing?")


def package_of(module: Any) -> str:
    """Import name of a plugin's module, or of the module that an object behind an entry point is of."""
    return module.__name__ if isinstance(module, ModuleType) else type(module).__module__
