"""What the suites of all kinds share: building by name, saying what is wrong, registration and documentation."""

from __future__ import annotations

import contextlib
import inspect
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from lowface_core.config.build import build
from lowface_core.registry.components import parameters
from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import Component, import_reference
from lowface_core.testing.registration_cost import registering
from lowface_core.testing.values import difference, floats

#: A shape as docstrings write it: ``(B,3,H,W)``, ``(3,H,W)``, ``(B,)``.
SHAPE = re.compile(r"\(\s*(?:[BN3]\s*,|H\s*,\s*W)")
#: The cure of gradients that are not finite.
STEEP = "add an eps inside roots, norms and divisions: their slope at zero is infinite"
#: Base classes whose docstrings are no documentation of the component.
FOREIGN = ("torch", "builtins", "abc", "typing")


class Contract:
    """Base of the suites; subclass the suite of your component's kind.

    Attributes to set:
        component: the registered name; ``distribution/name`` where two plugins share it.
        arguments: the factory's keywords; parts may be config dicts.
        own_home: every test has an empty ``LOWFACE_HOME`` of its own; False uses the user's, for weights that were
            downloaded before.

        network_arguments: keywords for the registration's ``network`` fact, where they are not those of ``arguments``.

    Methods to override where that is not enough: :meth:`build`, :meth:`weights`. ``self.folder`` is an empty folder,
    new for every test.

    A component whose ``weights=`` is required and not in ``arguments`` gets a file of random weights, made with the
    ``network`` fact, so that a suite runs without a download.
    """

    kind: ClassVar[str] = ""
    component: ClassVar[str] = ""
    arguments: ClassVar[Mapping[str, Any]] = {}
    own_home: ClassVar[bool] = True
    network_arguments: ClassVar[Mapping[str, Any] | None] = None
    folder: Path
    seed = 0  # of torch's generator while the component is built

    @pytest.fixture(autouse=True)
    def _lowface_surroundings(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """A folder, a store of weights, and the random generators as they were before."""
        self.folder = tmp_path
        if self.own_home:
            monkeypatch.setenv("LOWFACE_HOME", str(tmp_path / "lowface_home"))
        states = random.getstate(), np.random.get_state()
        with torch.random.fork_rng(devices=[]):
            yield
        random.setstate(states[0])
        np.random.set_state(states[1])

    def build(self, **changes: Any) -> Any:
        """The component as ``lf.build`` makes it from :attr:`arguments`; the same numbers are drawn every time.

        Args:
            changes: keywords in place of those in :attr:`arguments`; suites pass none, your own tests may.
        """
        arguments = {**self.arguments, **changes}
        wants = parameters(self.registered().resolve()).get("weights")
        if wants is not None and wants.default is wants.empty and "weights" not in arguments:
            arguments["weights"] = str(self.weights())
        return self.built(**arguments)

    def weights(self) -> Path:
        """A file of random weights that fits; the same numbers every time."""
        network = self.registered().network
        if network is None:
            pytest.fail(
                f"{self.kind} {self.component!r}: give weights= in arguments, or register network=, the bare network, "
                "so that the suite can make a file of random weights"
            )
        builder = import_reference(network, f"network of {self.kind} {self.component!r}")
        given = self.arguments if self.network_arguments is None else self.network_arguments
        known = parameters(builder)
        path = self.folder / "random_weights.pth"
        if not path.is_file():
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                bare = builder(**{k: v for k, v in given.items() if k in known})
                for layer in bare.modules():  # torch's own would leave almost nothing of a picture in deep networks
                    if isinstance(layer, (nn.Conv2d, nn.Linear)):
                        nn.init.kaiming_normal_(layer.weight)
                torch.save(bare.state_dict(), path)
        return path

    def built(self, **arguments: Any) -> Any:
        """The component with exactly these keywords; for your own :meth:`build`."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            return build(self.kind, self.component, **arguments)

    def registered(self) -> Component:
        """The registration under test."""
        return plugins().find(self.kind, self.component)

    def require(self, holds: Any, rule: str, cure: str) -> None:
        """Fails with the component, the broken rule and its cure, in one line, unless ``holds``."""
        __tracebackhide__ = True
        if not holds:
            raise self._broken(rule, cure)

    def _broken(self, rule: str, cure: str) -> AssertionError:
        owner = f"{self.kind} {self.component!r} of plugin {self.registered().plugin}"
        return AssertionError(f"{owner}: {rule}; {cure}")

    def require_same(self, one: Any, other: Any, rule: str, cure: str, tolerance: float = 0.0) -> None:
        """As :meth:`require`, unless the two are equal; the message says what differs.

        Args:
            tolerance: see :func:`~lowface_core.testing.values.difference`.
        """
        __tracebackhide__ = True
        differs = difference(one, other, tolerance)
        self.require(not differs, f"{rule}: {differs}", cure)

    def require_finite(self, value: Any, where: str, cure: str = "") -> None:
        """As :meth:`require`, unless every floating-point number inside ``value`` is finite; the message names it."""
        __tracebackhide__ = True
        for path, numbers in floats(value):
            cure = cure or "keep divisors, logarithms and roots away from zero, with an eps inside"
            self.require(bool(numbers.isfinite().all()), f"{where}{path} is not finite", cure)

    @contextlib.contextmanager
    def holding(self, rule: str, cure: str) -> Iterator[None]:
        """Whatever is raised within breaks ``rule``."""
        try:
            yield
        except AssertionError:
            raise
        except Exception as error:
            raise self._broken(rule, f"{cure} ({type(error).__name__}: {error})") from error

    def test_registering_is_quick_and_silent(self) -> None:
        """The plugin loads without importing torch or another heavy package, and prints nothing."""
        key = self.registered().plugin
        plugin = next(p for p in plugins().loaded if p.key == key)
        seen = registering(plugin)
        if seen is None:
            pytest.skip(f"plugin {plugin.key} is not installed, only made for this test")
        self.require(seen.error is None, f"the plugin does not load by itself: {seen.error}", "import what it needs")
        rule = f"registering imports {', '.join(seen.heavy)}, so that every lowface command waits for it"
        cure = f'register the factory as text, "module:attribute", and import inside it, not in {plugin.target}'
        self.require(not seen.heavy, rule, cure)
        rule = f"registering prints {(seen.printed.strip().splitlines() or [''])[0]!r}"
        cure = f"take the print, or the cause of the warning, out of {plugin.target}"
        self.require(not seen.printed.strip(), rule, cure)

    def test_is_documented(self) -> None:
        """The docstrings describe the component, each keyword, each name that it reads or gives, and a shape."""
        factory = self.registered().resolve()
        rule = f"{getattr(factory, '__name__', factory)} has no docstring, which lowface describe would show"
        self.require((getattr(factory, "__doc__", None) or "").strip(), rule, "say in it what the component does")
        made = self.build()
        text = self.documentation(made, (*FOREIGN, "lowface_core"))
        missing = [name for name in [*parameters(factory), *self.described()] if not re.search(rf"\b{name}\b", text)]
        cure = "say what each keyword sets, and what each name stands for that it reads or gives"
        self.require(not missing, f"the docstrings do not mention {', '.join(missing)}", cure)
        rule = "the docstrings tell no shape"
        cure = "write the shapes of inputs and outputs, as in (B,3,H,W) in [0,1]"
        self.require(not self.tells_shapes or SHAPE.search(self.documentation(made, FOREIGN)), rule, cure)

    def documentation(self, made: Any, foreign: Sequence[str]) -> str:
        """Docstrings of the factory, of the object's classes and of the methods that the core calls.

        Args:
            foreign: packages whose base classes do not count.
        """
        owners = [self.registered().resolve()]
        owners += [cls for cls in type(made).__mro__ if cls.__module__.split(".")[0] not in foreign]
        texts = []
        for owner in owners:
            methods = [vars(owner).get(name) for name in self.spoken] if inspect.isclass(owner) else []
            texts += [getattr(part, "__doc__", None) or "" for part in [owner, *methods]]
        return "\n".join(texts)

    #: Methods whose docstrings count as the component's documentation.
    spoken: ClassVar = ("__init__", "forward", "update", "compute", "item", "draw", "gallery", "__call__")
    #: Whether the docstrings must tell a shape; those of the base classes in lowface_core count.
    tells_shapes: ClassVar[bool] = True

    def described(self) -> Sequence[str]:
        """Names that the docstrings must mention besides the keywords."""
        return ()
