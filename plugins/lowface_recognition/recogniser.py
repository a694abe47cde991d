"""The recogniser of all stages: the ``face`` head of a config, with the place of its faces fixed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from lowface_core.config.build import build_from, portable, weights_used
from lowface_core.config.check import check_component
from lowface_core.config.load import apply_options, fill, read
from lowface_core.config.settings import SETTINGS
from lowface_core.errors import ConfigError, LowfaceError, listing
from lowface_core.registry import components
from lowface_core.step.head_bank import freeze

PATH = "heads.face"


def face_config(config: str, options: Iterable[str], aligned: bool = False) -> dict[str, Any]:
    """The ``heads.face`` of a config with ``{weights_root}`` filled in; what else the config holds is not looked at.

    Detector, alignment and encoder look at the picture itself, so ``locate`` becomes ``"enhanced"``; of pictures that
    are aligned crops already it becomes ``"labels"``, and nothing is detected.

    Raises:
        ConfigError: the config is unknown, has no such head, or the head is faulty.
    """
    cfg = read(config)
    apply_options(cfg, options)
    spec = (cfg.get("heads") or {}).get("face")
    if spec is None:
        raise ConfigError(
            f"{config}: has no {PATH} to recognise with; its heads: {listing(cfg.get('heads') or {})}. "
            "--config recognition has one"
        )
    spec = fill(spec, {name: cfg.get(name, setting.default) for name, setting in SETTINGS.items()}, PATH)
    faults = check_component("head", spec, PATH)
    if faults:
        raise ConfigError("\n".join(faults))
    if "locate" in components.parameters(components.component_of("head", spec, PATH).resolve()):
        spec["locate"] = "labels" if aligned else "enhanced"
    elif aligned:
        raise ConfigError(f"{PATH}: {spec['type']} finds faces in its own way; --aligned needs a head like 'face'")
    return spec


def described(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The config for a result: weights by file name and SHA-256, so that it is the same on every machine."""
    used = weights_used({"heads": {"face": spec}})
    return {
        **portable(spec),
        "sha256": {path.removeprefix(f"{PATH}."): facts["sha256"] for path, facts in used.items()},
    }


class Recogniser:
    """Turns pictures into embeddings; frozen.

    Args:
        spec: from :func:`face_config`.
        device: where it runs.

    Raises:
        LowfaceError: the head cannot be built, or what it returns holds no ``embedding`` and ``found``.
    """

    #: Whether pictures are crops with their landmarks in the usual places.
    _aligned = False

    def __init__(self, spec: Mapping[str, Any], device: torch.device) -> None:
        self.device = device
        self._aligned = spec.get("locate") == "labels"
        self.head: nn.Module = freeze(build_from("head", spec, PATH), device)

    @torch.no_grad()
    def __call__(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures (B,3,H,W) in [0,1] → embeddings (B,D) float32, and (B,) bool, whether a face was found; on the CPU.

        The embedding of a picture without a face is zero; scores of such pictures are never taken from it.
        """
        given = {"landmarks": self._landmarks(pictures)} if self._aligned else {}
        match = self.head(pictures.to(self.device), **given)
        try:
            return match.embedding.detach().float().cpu(), match.found.cpu()
        except AttributeError:
            raise LowfaceError(
                f"{PATH}: must return an object with embedding (B,D) and found (B,), as the head 'face' does, "
                f"not {type(match).__name__}"
            ) from None

    def _landmarks(self, pictures: Tensor) -> Tensor:
        """Where an aligned crop has its five landmarks: (B,5,2), those of encoders' template at the pictures' size."""
        from lowface_face.encoder import template_for

        height, width = pictures.shape[-2:]
        return template_for((height, width)).to(self.device).expand(len(pictures), 5, 2)
