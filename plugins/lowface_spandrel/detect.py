"""Asking spandrel what a checkpoint holds."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

from lowface_core.errors import WeightsError
from lowface_core.lazy import needed
from lowface_core.weights.state_dict import read_state

COLOURS = 3


def detect(weights: str | Path) -> Any:
    """The network of a checkpoint file with its weights, as spandrel's ``ImageModelDescriptor`` (spandrel is optional).

    The file is read by :mod:`lowface_core`, so that nothing in it is executed and subnormal values are set to zero.

    Raises:
        PluginError: spandrel is not installed.
        WeightsError: the file cannot be read; spandrel does not know the architecture, or cannot build it from these
            weights; or the network does not restore RGB pictures at their own size.
    """
    spandrel = needed("spandrel", "spandrel")
    state, version = read_state(weights), f"spandrel {importlib.metadata.version('spandrel')}"
    try:
        found = spandrel.ModelLoader().load_from_state_dict(state)
    except spandrel.UnsupportedModelError as error:
        reason = f"no architecture that {version} knows; its first keys are {', '.join(sorted(state)[:3])}"
        raise WeightsError(f"{weights}: {reason}; try pip install --upgrade spandrel") from error
    except Exception as error:  # each architecture deduces its sizes in its own way
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise WeightsError(f"{weights}: {version} cannot build a network from it ({reason})") from error
    what = f"{weights}: {version} finds {found.architecture.name}"
    if not isinstance(found, spandrel.ImageModelDescriptor):
        raise WeightsError(f"{what}, which fills in what a mask hides; an enhancer needs only the picture")
    if found.scale != 1:
        raise WeightsError(f"{what}, which enlarges pictures {found.scale} times; an enhancer keeps the size")
    if (found.input_channels, found.output_channels) != (COLOURS, COLOURS):
        channels = f"{found.input_channels} channels to {found.output_channels}"
        raise WeightsError(f"{what} from {channels}; an enhancer takes and gives RGB")
    return found
