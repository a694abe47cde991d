"""Files of ONNX Runtime, opened without torch."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lowface_core.errors import ConfigError, WeightsError, nearest
from lowface_core.lazy import needed
from lowface_core.processors import processors
from lowface_deploy.interface import FACTS, check_shapes, computed

CPU = "CPUExecutionProvider"


class Opened(NamedTuple):
    """A file that was found to be an enhancer.

    Attributes:
        session: of ONNX Runtime.
        input: name of the picture.
        facts: what ``lowface export`` wrote into it, as JSON; empty of a file that others made.
    """

    session: Any
    input: str
    facts: str


def open_session(weights: str | Path, provider: str | None = None, optimised: bool = True) -> Opened:
    """Opens a file on the processor.

    Args:
        weights: the file; one RGB picture float32 (B,3,H,W) in, one out.
        provider: what it is to be computed with in the end, to be refused at once.
        optimised: whether it is to compute; otherwise it is only asked what it takes.

    Raises:
        PluginError: ONNX Runtime is not installed.
        WeightsError: the file cannot be read or does something else.
        ConfigError: this ONNX Runtime has no such provider.
    """
    runtime = needed("onnxruntime", "onnx")
    runtime.set_default_logger_severity(4)  # what goes wrong is raised, too
    offered = runtime.get_available_providers()
    if provider not in (None, *offered):
        hint = nearest(str(provider), offered) or f"; it has {', '.join(offered)}"
        raise ConfigError(f"provider: this ONNX Runtime has no {provider!r}{hint}")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = _threads()
    if not optimised:
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = runtime.InferenceSession(weights, options, providers=[CPU])
    except Exception as error:  # of types of its own, one for each way in which a file can be broken
        reason = " ".join(str(error).split())[:200]
        raise WeightsError(f"{weights}: cannot be read as ONNX ({reason}); export or copy it again") from error
    named = session.get_inputs(), session.get_outputs()
    shapes = ([[None if isinstance(s, str) else s for s in x.shape] for x in xs] for xs in named)
    check_shapes(Path(weights), *shapes)
    if named[0][0].type != "tensor(float)":
        raise WeightsError(f"{weights}: takes {named[0][0].type}; export it with float32 pictures")
    return Opened(session, named[0][0].name, session.get_modelmeta().custom_metadata_map.get(FACTS, ""))


def _threads() -> int:
    """As many as torch would use."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdecimal() and int(asked) else processors()


class Arrays:
    """An enhancer of arrays: float32 (1,3,H,W) RGB in [0,1] → the same.

    Args:
        path: the file, for messages.
        opened: its session.

    Attributes:
        receptive_radius: how far its output looks; None: pictures are to be shown whole.
    """

    def __init__(self, path: Path, opened: Opened) -> None:
        self.path, self.opened = path, opened
        self.receptive_radius: int | None = json.loads(opened.facts or "{}").get("receptive_radius")

    def __call__(self, low: np.ndarray) -> np.ndarray:
        """Raises LowfaceError where the runtime refuses the picture."""
        session, name, _ = self.opened
        return computed(lambda pictures: session.run(None, {name: pictures})[0], low, self.path)


def open_arrays(weights: str | Path, device: str) -> Arrays | None:
    """See ``without_torch`` in :mod:`lowface_core.registry.hookspecs`; raises as :func:`open_session` does."""
    runtime = needed("onnxruntime", "onnx")
    elsewhere = set(runtime.get_available_providers()) - {CPU, "AzureExecutionProvider"}
    if device not in ("cpu", "auto") or (device == "auto" and elsewhere):
        return None
    return Arrays(Path(weights), open_session(weights))
