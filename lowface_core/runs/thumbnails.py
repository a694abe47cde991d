"""Small pictures for a result's galleries: a few samples, the worst ones, what was gained and lost."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from lowface_core.data.depth import to_bytes
from lowface_core.files import write_json, write_whole

MOST = 12
SIDE = 256
QUALITY = 85


class Thumbnails:
    """Collects pictures for galleries, at most twelve a group, as JPEG in memory; files are written at the end.

    So memory and disk stay constant however many pictures go by, and the whole collection is part of the state from
    which an interrupted command goes on.

    Args:
        most: pictures a group.
        side: longest side in pixels; smaller pictures keep their size.
    """

    def __init__(self, most: int = MOST, side: int = SIDE) -> None:
        self.most, self.side = most, side
        self._groups: dict[str, list[dict[str, Any]]] = {}
        self._offered = 0

    def offer(
        self,
        group: str,
        key: str,
        stages: Mapping[str, Tensor],
        numbers: Mapping[str, float | None] | None = None,
        note: str = "",
        score: float = 0.0,
    ) -> None:
        """Offers a picture to a group, which keeps those of the highest score, of equal scores the earliest.

        Args:
            group: ``sample``, or a group that the kind of result names, such as ``worst``.
            key: the picture's name.
            stages: stage → (3,H,W) RGB in [0,1]; stages may be missing.
            numbers: shown below the picture.
            note: a remark in words.
            score: what the group is sorted by, highest first.
        """
        if not self.wants(group, score):
            return
        entry = {
            "key": key,
            "numbers": dict(numbers or {}),
            "note": note,
            "score": float(score),
            "order": self._offered,
            "stages": {stage: _jpeg(picture, self.side) for stage, picture in stages.items()},
        }
        self._offered += 1
        kept = sorted([*self._groups.get(group, []), entry], key=lambda e: (-e["score"], e["order"]))
        self._groups[group] = kept[: self.most]

    def wants(self, group: str, score: float = 0.0) -> bool:
        """Whether a group would keep a picture of this score, so that nothing need be prepared for one it would not."""
        kept = self._groups.get(group, [])
        return score == score and (len(kept) < self.most or score > kept[-1]["score"])

    def state(self) -> dict[str, Any]:
        """Everything collected so far, as tensors and plain data."""
        return {"groups": self._groups, "offered": self._offered}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from :meth:`state`."""
        self._groups = {group: list(entries) for group, entries in state["groups"].items()}
        self._offered = state["offered"]

    def write(self, folder: Path) -> None:
        """Writes the JPEG files and ``index.json``, group after group."""
        index: list[dict[str, Any]] = []
        for group, entries in self._groups.items():
            for entry in sorted(entries, key=lambda e: e["order"]) if group == "sample" else entries:
                files = {stage: f"{len(index) + 1:04d}_{stage}.jpg" for stage in entry["stages"]}
                for stage, name in files.items():
                    content: bytes = entry["stages"][stage].numpy().tobytes()
                    write_whole(folder / name, partial(Path.write_bytes, data=content))
                facts = {"numbers": entry["numbers"], "note": entry["note"]}
                index.append({"key": entry["key"], "group": group, "stages": files, **facts})
        write_json(folder / "index.json", index)


def shrunk(picture: Tensor, side: int = SIDE) -> Image.Image:
    """A picture (3,H,W) or (1,H,W) in [0,1] for the eye, in RGB, no side longer than ``side``."""
    planes = picture.detach().float().clamp(0, 1).cpu().expand(3, -1, -1).numpy()
    image = Image.fromarray(np.ascontiguousarray(to_bytes(planes).transpose(1, 2, 0)))
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def _jpeg(picture: Tensor, side: int) -> Tensor:
    file = io.BytesIO()
    shrunk(picture, side).save(file, format="JPEG", quality=QUALITY)
    return torch.frombuffer(bytearray(file.getvalue()), dtype=torch.uint8)


def spread(total: int, count: int = MOST) -> set[int]:
    """Places of at most ``count`` samples, evenly spread over ``total``."""
    return {int(place) for place in np.linspace(0, total - 1, num=min(count, total))} if total else set()
