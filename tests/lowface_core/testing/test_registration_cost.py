"""Loading one plugin in a process of its own."""

from __future__ import annotations

from lowface_core.registry.loader import Plugin, plugins
from lowface_core.testing.registration_cost import registering


def test_the_shipped_plugins_register_quickly_and_silently() -> None:
    for plugin in plugins().loaded:
        if plugin.distribution == "lowface":
            seen = registering(plugin)
            assert seen is not None
            assert (seen.heavy, seen.printed, seen.error) == ([], "", None), plugin.key


def test_one_that_is_not_installed_is_not_found() -> None:
    assert registering(Plugin("nobody:nothing", "nobody", "1", "nothing", "nothing")) is None
