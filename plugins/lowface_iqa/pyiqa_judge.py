"""Metrics of pyiqa, whose licence allows no commercial use; it is said every time."""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lowface_core.errors import ConfigError, LowfaceError, listing, nearest
from lowface_core.lazy import needed
from lowface_iqa.judge import Judge

NOTICE = (
    "pyiqa ({name}): its licences, PolyForm Noncommercial 1.0.0 and S-Lab 1.0, forbid commercial use; "
    "the weights of a metric may have terms of their own"
)


class PyiqaJudge(Judge):
    """A metric of pyiqa.

    Its licence is said on stderr whenever one is made. pyiqa fetches the weights that a metric needs by itself, past
    lowface's store; give ``options=dict(pretrained_model_path=FILE)`` where there is no network.

    Args:
        name: as ``pyiqa.list_models()`` has it: ``"musiq"``, ``"niqe"``, ``"lpips"``, …
        options: further keywords of ``pyiqa.create_metric``.
        as_loss: whether gradients are wanted.

    Raises:
        PluginError: pyiqa is not installed.
        ConfigError: it has no such metric, cannot build it, or the metric is no number of a single picture.
    """

    def __init__(self, name: str, options: Mapping[str, Any] | None = None, as_loss: bool = False) -> None:
        super().__init__()
        print(NOTICE.format(name=name), file=sys.stderr)
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            library = needed("pyiqa", "pyiqa", "pyiqa")
            known = list(library.list_models())
            if name not in known:
                raise ConfigError(f"name: pyiqa has no {name!r}{nearest(name, known)}; it has {listing(known)}")
            given = dict(options or {})
            if as_loss:
                given["loss_reduction"] = "none"
            try:
                metric = library.create_metric(name, as_loss=as_loss, device=torch.device("cpu"), **given)
            except Exception as error:  # a download that failed, a keyword that it does not know
                told = " ".join(str(error).split())[:200] or type(error).__name__
                raise ConfigError(f"name: pyiqa cannot build {name!r} ({told})") from error
        self.metric: Any = metric.eval().requires_grad_(False)
        self.title, self.higher = f"pyiqa {name}", not metric.lower_better
        self.compares = metric.metric_mode == "FR"
        if "fid" in name or name == "inception_score":
            raise ConfigError(f"name: pyiqa's {name} compares sets of pictures; use the metric fid or fid_features")

    def forward(self, image: Tensor, normal: Tensor | None = None) -> Tensor:
        """See the base class; pictures are clipped to [0,1], outside of which pyiqa refuses them."""
        pictures = [
            image.clamp(0, 1).float(),
            *([normal.clamp(0, 1).float()] if self.compares and normal is not None else []),
        ]
        self.metric.to(image.device)
        try:
            with torch.autocast(image.device.type, enabled=False), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                answer = self.metric(*pictures)
        except Exception as error:  # sizes, mostly
            told = " ".join(str(error).split())[:200] or type(error).__name__
            raise LowfaceError(f"{self.title}: cannot measure pictures of {tuple(image.shape)} ({told})") from error
        return torch.as_tensor(answer).reshape(len(image), -1).mean(1)
