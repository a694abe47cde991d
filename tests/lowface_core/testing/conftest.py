"""Fixtures for showing that every check of a suite fails on a component that breaks its rule, and names the rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

#: Shown in tests/lowface_core/testing/test_suite.py, for every kind at once.
COMMON = {"test_registering_is_quick_and_silent", "test_is_documented"}


@pytest.fixture
def suite(add_plugin: Callable[..., None], tmp_path: Path) -> Callable[..., Any]:
    """A suite for a component made on the spot: ``suite(LossContract, factory, facts={…}, arguments={…})``."""

    names: list[str] = []

    def make(contract: type, factory: Any, facts: dict[str, Any] | None = None, **attributes: Any) -> Any:
        kind = contract.kind
        facts = {"better": "higher", **(facts or {})} if kind == "metric" else facts or {}
        name = f"made{len(names)}" if names else "made"
        names.append(name)
        add_plugin({kind: {name: (factory, facts)}}, entry=name)
        made = type("Suite", (contract,), {"component": name, **attributes})()
        made.folder = tmp_path
        return made

    return make


@pytest.fixture
def fails(suite: Callable[..., Any]) -> Callable[..., None]:
    """Runs one check on a broken component: it must fail with the component, its plugin and the words ``message``."""

    def check(contract: type, method: str, factory: Any, message: str, **attributes: Any) -> None:
        with pytest.raises(AssertionError) as failed:
            getattr(suite(contract, factory, **attributes), method)()
        line = str(failed.value).splitlines()[0]
        assert line.startswith(f"{contract.kind} 'made' of plugin stranger:made: ")
        assert message in line
        assert "; " in line  # the cure

    return check


@pytest.fixture
def passes(suite: Callable[..., Any]) -> Callable[..., None]:
    """Runs every check on a good component."""

    def check(contract: type, factory: Any, **attributes: Any) -> None:
        made = suite(contract, factory, **attributes)
        for method in checks(contract) - COMMON:
            try:
                getattr(made, method)()
            except pytest.skip.Exception:
                continue

    return check


def checks(contract: type) -> set[str]:
    """Names of a suite's checks."""
    return {name for name in dir(contract) if name.startswith("test_")}


def broken(base: type, keeps: dict[str, Any] | None = None, **members: Any) -> type:
    """The class with other members; each of its objects keeps ``keeps`` as attributes."""

    def keeping(self: Any) -> None:
        base.__init__(self)
        for name, value in (keeps or {}).items():
            setattr(self, name, value)

    return type("Broken", (base,), {**({"__init__": keeping} if keeps else {}), **members})


class Shown:
    """A suite shown to work: every check fails on a component that breaks its rule, and none on good components.

    Subclass with a suite, its broken components and its good ones.
    """

    contract: ClassVar[type]
    #: Rule (the check without ``test_``), factory of a component that breaks it, and a part of the message.
    broken: ClassVar[Sequence[tuple[str, Any, str]]]
    good: ClassVar[Sequence[Any]]
    #: Attributes of the suite for the good ones.
    attributes: ClassVar[dict[str, Any]] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "rule" in metafunc.fixturenames:
            metafunc.parametrize(("rule", "factory", "message"), self.broken)
        elif "made" in metafunc.fixturenames:
            metafunc.parametrize("made", self.good)

    def test_a_broken_one_fails(self, fails: Callable[..., None], rule: str, factory: Any, message: str) -> None:
        fails(self.contract, f"test_{rule}", factory, message)

    def test_every_check_is_shown_to_fail(self) -> None:
        assert checks(self.contract) - COMMON == {f"test_{rule}" for rule, _, _ in self.broken}

    def test_a_good_one_passes(self, passes: Callable[..., None], made: Any) -> None:
        passes(self.contract, made, **self.attributes)
