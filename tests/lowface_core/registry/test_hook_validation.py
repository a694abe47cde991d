from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from lowface_core import hookimpl
from lowface_core.errors import PluginError
from lowface_core.registry.hook_validation import check_contract, check_hooks, hook_arguments, package_of
from lowface_core.registry.hookspecs import CONTRACT
from lowface_core.registry.loader import Plugins


class Offering:
    """An object instead of a module, as an entry point may name one."""

    @hookimpl
    def register_losses(self, register: Any) -> None:
        pass


def test_the_hooks_are_those_of_the_specification():
    assert hook_arguments()["register_losses"] == ("register",)
    assert hook_arguments()["check_config"] == ("cfg",)


def test_an_object_will_do_for_a_module():
    check_hooks(Offering(), Plugins().manager)
    assert package_of(Offering()) == Offering.__module__
    assert package_of(ModuleType("mine")) == "mine"


def test_another_name_for_the_function_is_the_hook_that_it_names():
    module = ModuleType("mine")
    module.offer = hookimpl(specname="register_heads")(lambda register: None)
    check_hooks(module, Plugins().manager)
    module.offer = hookimpl(specname="register_haeds")(lambda register: None)
    with pytest.raises(PluginError, match="unknown hook 'register_haeds'; did you mean 'register_heads'"):
        check_hooks(module, Plugins().manager)


def test_a_hook_of_somebody_elses_is_let_through_when_it_says_that_it_is_optional():
    module = ModuleType("mine")
    module.register_losses = hookimpl(lambda register: None)
    module.register_songs = hookimpl(optionalhook=True)(lambda song: None)
    check_hooks(module, Plugins().manager)


def test_a_wrapper_is_refused_rather_than_never_called():
    module = ModuleType("mine")
    module.register_losses = hookimpl(wrapper=True)(lambda register: (yield))
    with pytest.raises(PluginError, match="register_losses is a wrapper"):
        check_hooks(module, Plugins().manager)


@pytest.mark.parametrize(
    ("wanted", "right"), [(1, True), (CONTRACT, True), (CONTRACT + 1, False), (0, False), (True, False), ("1", False)]
)
def test_the_contract_a_plugin_needs_is_compared(wanted: Any, right: bool):
    module = ModuleType("mine")
    check_contract(module)
    module.LOWFACE_CONTRACT = wanted
    if right:
        check_contract(module)
        return
    with pytest.raises(PluginError):
        check_contract(module)
