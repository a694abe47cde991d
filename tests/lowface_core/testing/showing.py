"""A suite shown to work: every check fails on a component that breaks its rule, and none on good components."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import pytest

from tests.lowface_core.testing.conftest import COMMON, checks


class Shown:
    """Subclass with a suite, its broken components and its good ones."""

    contract: ClassVar[type]
    #: Check, factory of a component that breaks its rule, and a part of the message.
    broken: ClassVar[Sequence[tuple[str, Any, str]]]
    good: ClassVar[Sequence[Any]]
    #: Attributes of the suite for the good ones.
    attributes: ClassVar[dict[str, Any]] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "method" in metafunc.fixturenames:
            metafunc.parametrize(("method", "factory", "message"), self.broken)
        elif "made" in metafunc.fixturenames:
            metafunc.parametrize("made", self.good)

    def test_a_broken_one_fails(
        self, fails: Callable[..., None], method: str, factory: Any, message: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fails(self.contract, method, factory, message)

    def test_every_check_is_shown_to_fail(self) -> None:
        assert checks(self.contract) - COMMON == {method for method, _, _ in self.broken}

    def test_a_good_one_passes(self, passes: Callable[..., None], made: Any) -> None:
        passes(self.contract, made, **self.attributes)
