"""Conformance suites for plugin authors: subclass one in three lines, and pytest checks the component's whole contract.

::

    from lowface_core.testing import LossContract

    class TestExposure(LossContract):
        component = "exposure"        # the registered name
        arguments = dict(level=0.6)   # its keywords; leave out what has a default

The component is built as a config would build it, through its installed registration. What a suite cannot know
(inputs of an unusual shape, a loss that is not a mean over pictures) is stated by the attributes and overridden methods
that each suite documents. Installing lowface also gives pytest the fixtures of ``lowface_core.testing.plugin``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lowface_core.errors import PluginError
from lowface_core.lazy import on_first_use
from lowface_core.registry.registration import KINDS

if TYPE_CHECKING:
    from lowface_core.testing.dataset_suite import DatasetContract
    from lowface_core.testing.degradation_suite import DegradationContract
    from lowface_core.testing.enhancer_suite import EnhancerContract
    from lowface_core.testing.fakes import (
        FakeClassifier,
        FakeFace,
        FakeFeatures,
        FakeParser,
        fake_heads,
        tiny_batch,
        tiny_dataset,
    )
    from lowface_core.testing.head_suite import HeadContract
    from lowface_core.testing.loss_suite import LossContract
    from lowface_core.testing.metric_suite import MetricContract

__all__ = [
    "DatasetContract",
    "DegradationContract",
    "EnhancerContract",
    "FakeClassifier",
    "FakeFace",
    "FakeFeatures",
    "FakeParser",
    "HeadContract",
    "LossContract",
    "MetricContract",
    "fake_heads",
    "tiny_batch",
    "tiny_dataset",
]

_HOMES = {
    **{f"{kind.title()}Contract": f"{kind}_suite" for kind in KINDS},
    **dict.fromkeys(("FakeClassifier", "FakeFace", "FakeFeatures", "FakeParser", "fake_heads"), "fakes"),
    **dict.fromkeys(("tiny_batch", "tiny_dataset"), "fakes"),
}


_value_of = on_first_use(__name__, _HOMES)


def __getattr__(name: str) -> Any:
    """Imports a suite on first use: pytest loads this package's plugin in every project, which must cost nothing."""
    try:
        return _value_of(name)
    except ModuleNotFoundError as error:
        if error.name != "pytest":
            raise
        raise PluginError("lowface_core.testing needs pytest, which is not installed: pip install pytest") from error


def __dir__() -> list[str]:
    return sorted(__all__)
