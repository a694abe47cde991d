"""Whether the recogniser that judges is one that the enhancer was trained through."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lowface_core.runs.training_folder import MANIFEST

logger = logging.getLogger("lowface")


def trained_through(enhancer: str | None, recogniser: Mapping[str, Any]) -> bool | None:
    """Whether an enhancer's run had the recogniser among its heads, by the SHA-256 of weights; warns in one line if so.

    Args:
        enhancer: work dir, checkpoint or name; the manifest of the run is looked for beside a checkpoint.
        recogniser: as :func:`lowface_recognition.recogniser.described` returns it. Its detector does not count.

    Returns:
        None where that is not known: there is no run, or the recogniser has no weights.
    """
    path = Path(enhancer or "").expanduser()
    manifest = (path if path.is_dir() else path.parent) / MANIFEST
    encoders = {sha for place, sha in recogniser["sha256"].items() if not place.startswith("detector")}
    if enhancer is None or not path.exists() or not manifest.is_file() or not encoders:
        return None
    try:
        weights = json.loads(manifest.read_text(encoding="utf-8"))["weights"]
        seen = {facts["sha256"]: place for place, facts in weights.items() if place.startswith("heads.")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # written by another program, or damaged
        return None
    same = encoders & seen.keys()
    if same:
        logger.warning(
            "%s was trained through the recogniser that judges it (%s): its gain says little; judge it by another, "
            "such as --config recognition_sface",
            enhancer,
            ", ".join(sorted(seen[sha] for sha in same)),
        )
    return bool(same)
