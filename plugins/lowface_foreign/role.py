"""The head that a network out of a file becomes, by the role that a config gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from torch import nn

from lowface_core.errors import ConfigError
from lowface_foreign.opened import OpenedNetwork
from lowface_foreign.opened_detector import OpenedDetector
from lowface_foreign.opened_heads import OpenedClassifier, OpenedEncoder, OpenedFeatures
from lowface_foreign.picture_input import PictureInput

Role = Literal["encoder", "classifier", "features", "detector"]
#: Keywords that one role alone understands.
OWN: Mapping[str, tuple[str, ...]] = {
    "encoder": ("template",),
    "classifier": ("probabilities",),
    "features": (),
    "detector": ("box_format", "relative", "confidence", "nms"),
}
#: How many outputs a role reads: at least, at most; None: any number.
READS: Mapping[str, tuple[int, int | None]] = {
    "encoder": (1, 1),
    "classifier": (1, 1),
    "features": (1, None),
    "detector": (3, 3),
}


def check_role(role: Role, outputs: Sequence[str] | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, None left out.

    Raises:
        ConfigError: one is another role's, or the role reads another number of outputs.
    """
    given = {key: value for key, value in options.items() if value is not None}
    for key in given:
        if key not in OWN[role]:
            owner = next(each for each, keys in OWN.items() if key in keys)
            raise ConfigError(f"{key}: is for role={owner!r}, and this head is role={role!r}; leave it out")
    least, most = READS[role]
    if outputs is not None and not least <= len(outputs) <= (most or len(outputs)):
        numbers = f"{least}" if least == most else f"{least} to {most}" if most else f"{least} or more"
        raise ConfigError(f"outputs: role={role!r} reads {numbers}, and {len(outputs)} are named")
    if outputs is not None and len({*outputs}) < len(outputs):
        raise ConfigError(f"outputs: names one twice: {', '.join(outputs)}")
    return given


def head_of(network: OpenedNetwork, entry: PictureInput, role: Role, given: Mapping[str, Any]) -> nn.Module:
    """The head.

    Raises:
        LowfaceError: the network does not answer as the role needs it.
    """
    if role == "encoder":
        return OpenedEncoder(network, entry, **given)
    if role == "classifier":
        return OpenedClassifier(network, entry, **given)
    if role == "features":
        return OpenedFeatures(network, entry)
    return OpenedDetector(network, entry, **given)
