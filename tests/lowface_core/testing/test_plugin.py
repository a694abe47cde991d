"""The pytest plugin that comes with lowface: its fixtures, what can be imported, and that starting it costs nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from lowface_core import testing

pytest_plugins = ["pytester"]


def test_it_is_installed_as_a_pytest_plugin() -> None:
    (entry,) = [e for e in entry_points(group="pytest11") if e.name == "lowface"]
    assert entry.value == "lowface_core.testing.plugin"


def test_starting_it_imports_no_torch(python: Callable[..., Any]) -> None:
    code = "import sys, lowface_core.testing, lowface_core.testing.plugin; print('torch' in sys.modules)"
    assert python("-c", code).out.strip() == "False"


def test_without_pytest_the_suites_say_what_to_install(python: Callable[..., Any]) -> None:
    code = "import sys; sys.modules['pytest'] = None\nfrom lowface_core.testing import LossContract"
    assert "needs pytest, which is not installed: pip install pytest" in python("-c", code).err


def test_the_batch_has_every_name(lowface_batch: dict[str, Any]) -> None:
    shapes = {k: tuple(v.shape) for k, v in lowface_batch.items() if k != "key"}
    pictures = dict.fromkeys(("low", "normal", "positive", "negative"), (4, 3, 32, 32))
    assert shapes == {**pictures, "labels": (4, 32, 32), "identity": (4,), "box": (4, 4), "landmarks": (4, 5, 2)}
    assert len(set(lowface_batch["key"])) == 4
    assert lowface_batch["labels"].dtype == torch.int64


def test_the_data_set_is_the_batches(lowface_batch: dict[str, Any], lowface_dataset: Any) -> None:
    assert [lowface_dataset[k]["key"] for k in range(4)] == lowface_batch["key"]
    assert len(list(lowface_dataset.gallery())) == 4


def test_the_heads_are_frozen_and_let_gradients_through(
    lowface_batch: dict[str, Any], lowface_heads: dict[str, nn.Module]
) -> None:
    assert set(lowface_heads) == {"features", "parser", "classifier", "face"}
    for head in lowface_heads.values():
        assert not head.training
        assert not any(p.requires_grad for p in head.parameters())
    picture = lowface_batch["low"].requires_grad_()
    lowface_heads["features"](picture, "relu4_3").square().sum().backward()
    assert float(picture.grad.abs().sum()) > 0


def test_home_and_work_dir_are_the_tests_own(lowface_work_dir: Path, lowface_home: Path, tmp_path: Path) -> None:
    assert Path.cwd() == lowface_work_dir
    assert Path(os.environ["LOWFACE_HOME"]) == lowface_home
    assert lowface_home.is_relative_to(tmp_path)
    assert not list(lowface_work_dir.iterdir())


def test_a_suite_is_three_lines_and_is_not_run_by_itself(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from lowface_core.testing import LossContract


        class TestColor(LossContract):
            component = "color"
            arguments = dict(form="released")


        def test_with_a_fixture(lowface_batch):
            assert lowface_batch["low"].shape == (4, 3, 32, 32)
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    assert result.parseoutcomes()["passed"] >= 14
    assert set(result.parseoutcomes()) <= {"passed", "warnings"}


def test_everything_offered_is_there() -> None:
    assert dir(testing) == sorted(testing.__all__)
    for name in testing.__all__:
        assert getattr(testing, name).__name__ == name


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'LosContract'"):
        _ = testing.LosContract
