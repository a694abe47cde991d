"""The checks of every kind: registration, which is looked at in a process of its own, and documentation."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lowface_core.registry.loader import Plugin, plugins
from lowface_core.testing import DatasetContract, LossContract, MetricContract
from lowface_core.testing.registration_cost import registering

pytest_plugins = ["pytester"]

LOSS = '''
from torch import nn


class Loss(nn.Module):
    """Mean of the picture enhanced, (B,3,H,W)."""

    def forward(self, enhanced):
        return enhanced.mean()
'''
QUIET = """
import lowface_core as lf


@lf.hookimpl
def register_losses(register):
    register("{module}", "{module}.loss:Loss")
"""


@pytest.fixture
def installed(stranger: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Installs a package with one loss, its ``__init__.py`` changed, and gives the suite for it."""

    def install(module: str, change: Callable[[str], str] = lambda text: text) -> Any:
        site = stranger(module, change(QUIET.format(module=module)), loss=LOSS)
        monkeypatch.setenv("PYTHONPATH", str(site))
        return type("Suite", (LossContract,), {"component": module})()

    return install


def test_a_plugin_that_registers_by_text_is_quick_and_silent(installed: Callable[..., Any]) -> None:
    installed("quiet_plugin").test_registering_is_quick_and_silent()


@pytest.mark.parametrize(
    ("module", "line", "message"),
    [
        ("imports_torch", "import torch", "registering imports torch, so that every lowface command waits"),
        ("imports_its_loss", "from imports_its_loss.loss import Loss", "registering imports torch"),
        ("imports_cv2", "import cv2", "registering imports cv2"),
        ("prints_a_line", "print('hello')", "registering prints 'hello'"),
        ("warns_a_line", "import sys; print('old', file=sys.stderr)", "registering prints 'old'"),
    ],
)
def test_one_that_imports_torch_or_prints_is_named(installed: Any, module: str, line: str, message: str) -> None:
    suite = installed(module, lambda text: f"{line}\n{text}")
    with pytest.raises(AssertionError) as failed:
        suite.test_registering_is_quick_and_silent()
    assert f"loss '{module}' of plugin {module}:plugin: {message}" in str(failed.value)
    assert f"in {module}" in str(failed.value) or f"out of {module}" in str(failed.value)


def test_one_that_imports_inside_the_hook_is_named(installed: Callable[..., Any]) -> None:
    suite = installed("imports_late", lambda text: text.replace("    register(", "    import torch\n\n    register("))
    with pytest.raises(AssertionError, match="registering imports torch"):
        suite.test_registering_is_quick_and_silent()


def test_the_shipped_plugins_register_quickly_and_silently() -> None:
    for plugin in plugins().loaded:
        if plugin.distribution == "lowface":
            seen = registering(plugin)
            assert seen is not None
            assert (seen.heavy, seen.printed, seen.error) == ([], "", None), plugin.key


def test_one_that_is_not_installed_is_not_found() -> None:
    assert registering(Plugin("nobody:nothing", "nobody", "1", "nothing", "nothing")) is None


def test_a_plugin_that_is_only_made_in_a_test_is_skipped(suite: Callable[..., Any]) -> None:
    with pytest.raises(pytest.skip.Exception, match="not installed, only made for this test"):
        suite(LossContract, nn.L1Loss).test_registering_is_quick_and_silent()


class Documented(nn.Module):
    """Distance of the picture enhanced from a level.

    Args:
        level: between 0 and 1.
    """

    def __init__(self, level: float = 0.5) -> None:
        super().__init__()
        self.level = level

    def forward(self, enhanced: Tensor) -> Tensor:
        """enhanced: (B,3,H,W)."""
        return (enhanced - self.level).mean()


def with_docs(class_: str | None, forward: str) -> type:
    """The class with other docstrings."""

    def read(self: Any, enhanced: Tensor) -> Tensor:
        return Documented.forward(self, enhanced)

    read.__doc__ = forward
    made = type("Made", (nn.Module,), {"__doc__": class_, "forward": read})

    def init(self: Any, level: float = 0.5) -> None:
        nn.Module.__init__(self)
        self.level = level

    made.__init__ = init  # type: ignore[method-assign]
    return made


def test_a_documented_component_passes(suite: Callable[..., Any]) -> None:
    suite(LossContract, Documented).test_is_documented()
    suite(LossContract, with_docs("Distance from level.", "enhanced: (B,3,H,W)")).test_is_documented()


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (with_docs(None, "enhanced: (B,3,H,W)"), "Made has no docstring, which lowface describe would show"),
        (with_docs("A distance.", "enhanced: (B,3,H,W)"), "the docstrings do not mention level"),
        (with_docs("Distance from level.", "A scalar of (B,3,H,W)."), "the docstrings do not mention enhanced"),
        (with_docs("Distance from level.", "Reads enhanced."), "the docstrings tell no shape"),
    ],
)
def test_what_is_missing_in_the_documentation_is_named(fails: Callable[..., None], broken: type, message: str) -> None:
    fails(LossContract, "test_is_documented", broken, message)


def test_base_classes_and_factories_document_too(suite: Callable[..., Any]) -> None:
    class Derived(Documented):
        """Another distance."""

    def factory(level: float = 0.2) -> Documented:
        """A distance, see the class."""
        return Derived(level)

    suite(LossContract, factory).test_is_documented()


class Scored:
    """The score of image against normal, pictures (B,3,H,W)."""

    def update(self, image: Tensor, normal: Tensor) -> None:
        """Takes in a batch."""


def test_metrics_and_data_sets_are_documented_by_what_they_read_and_give(suite: Callable[..., Any]) -> None:
    suite(MetricContract, Scored).test_is_documented()
    made = suite(DatasetContract, lambda: None)
    assert made.tells_shapes is False


def test_an_unknown_component_is_one_line_with_the_nearest() -> None:
    suite = type("Suite", (LossContract,), {"component": "colr"})()
    with pytest.raises(Exception, match=r"unknown loss 'colr'; did you mean 'color'\?"):
        suite.build()


class TestSurroundings(LossContract):
    """The suite as authors use it, with its surroundings watched."""

    component = "color"

    def test_every_test_has_a_folder_and_a_home_of_its_own(self, tmp_path: Path) -> None:
        assert self.folder == tmp_path
        assert os.environ["LOWFACE_HOME"].startswith(str(tmp_path))

    def test_the_same_numbers_are_drawn_for_every_build(self) -> None:
        before = torch.random.get_rng_state()
        assert torch.equal(self.build().kernel, self.build(form="paper").kernel)
        assert torch.equal(torch.random.get_rng_state(), before)
        assert self.build(form="released").form == "released"


def test_random_generators_are_left_as_they_were(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import random
        import numpy as np
        import torch
        from lowface_core.testing import DegradationContract


        def test_before():
            random.seed(1), np.random.seed(1), torch.manual_seed(1)


        class TestHaze(DegradationContract):
            component = "haze"


        def test_after():
            drawn = random.random(), np.random.rand(), torch.rand(())
            random.seed(1), np.random.seed(1), torch.manual_seed(1)
            assert drawn == (random.random(), np.random.rand(), torch.rand(()))
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:randomly")
    result.assert_outcomes(passed=10)
    assert random.random() >= 0
    assert np.random.rand() >= 0
