"""What is done with each frame: RGB of it, the network, and a frame of it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import nn

from lowface_core.data.luma import mean_luma
from lowface_core.step.loaded_enhancer import LoadedEnhancer
from lowface_core.step.steady_enhancer import SteadyEnhancer
from lowface_video.pixels import Coding, coding_of, frame_of, planes_of, to_planes, to_rgb
from lowface_video.shots import Shot
from lowface_video.upright import Turn, turn_of


@dataclass(frozen=True)
class Done:
    """A frame on its way.

    Attributes:
        shot: the frame as it was read, and its time.
        rgb: (3,H,W) of float32 in [0,1], upright: of the source, then of the result.
        action: ``enhanced``, ``passed`` unchanged, or ``concealed``: it is the result before once more.
        before, after: brightness.
        number: from 0.
        cut: whether a new scene begins.
    """

    shot: Shot
    rgb: np.ndarray | None
    action: str = "enhanced"
    before: float = 0.0
    after: float = 0.0
    number: int = 0
    cut: bool = False


class FrameWork:
    """Frames one after the other.

    Args:
        network: from :func:`lowface_core.inference.load_enhancer`.
        level: brighter frames pass unchanged; None: none.
        smoothing: seconds, see :class:`lowface_core.step.steady_enhancer.SteadyEnhancer`.
        name: of the source, for messages.
    """

    def __init__(self, network: nn.Module, level: float | None, smoothing: float, name: str) -> None:
        loaded = network if isinstance(network, LoadedEnhancer) else LoadedEnhancer(network)
        self.steady = SteadyEnhancer(loaded, smoothing)
        self.device = next(chain(network.parameters(), network.buffers()), torch.empty(0)).device
        self.level, self.name = level, name
        self.number = 0
        self.last: Done | None = None

    def upright_size(self, frame: Any) -> tuple[int, int]:
        """Width and height as frames are shown."""
        exchanged = (turn_of(frame) or Turn()).exchanged
        return (frame.height, frame.width) if exchanged else (frame.width, frame.height)

    def notes(self, frame: Any) -> list[str]:
        """What of a source is lost, by its first frame."""
        told = []
        if turn_of(frame) is None:
            told.append("its display matrix turns by no right angle; it is left as it lies")
        if len(frame.format.components) in (2, 4):
            told.append("its opacity is not kept")
        if frame.interlaced_frame:
            told.append("it is interlaced; its lines stay where they are, but are marked as whole pictures")
        return told

    def read(self, items: Iterable[Any]) -> Iterator[Any]:
        """The shots among ``items`` with their RGB; before the first frame that can be decoded, broken ones are it."""
        held: list[Shot] = []
        seen = False
        for item in items:
            if not isinstance(item, Shot):
                yield item
            elif item.frame is None and not seen:
                held.append(item)
            elif item.frame is None:
                yield Done(item, None, "concealed")
            else:
                done = self._decoded(item)
                for early in held:
                    yield replace(done, shot=early._replace(frame=item.frame), action="concealed")
                held, seen = [], True
                yield done

    def _decoded(self, shot: Shot) -> Done:
        coding, turn = coding_of(shot.frame), turn_of(shot.frame) or Turn()
        return Done(shot, turn(to_rgb(planes_of(shot.frame, coding), coding)))

    def enhance(self, done: Done) -> Done:
        """The frame enhanced, or passed, or replaced."""
        number, self.number = self.number, self.number + 1
        if done.rgb is None:
            assert self.last is not None  # read() gives a frame first
            again = self.last.shot.frame
            return replace(
                self.last, shot=done.shot._replace(frame=again), action="concealed", number=number, cut=False
            )
        before = mean_luma(done.rgb)
        low = torch.from_numpy(done.rgb)[None].to(self.device)
        cut = self.steady.look(low)
        rgb, action = done.rgb, done.action
        passes = self.level is not None and before > self.level
        if not passes:
            name = f"{self.name}: frame {number} at {done.shot.seconds:.3f} s"
            rgb = self.steady.enhance(low, done.shot.seconds, name)[0].float().cpu().numpy()
        elif action == "enhanced":
            action = "passed"
        after = before if passes else mean_luma(rgb)
        made = Done(done.shot, None if passes else rgb, action, before, after, number, cut)
        self.last = made
        return made

    def encoded(self, done: Done, coding: Coding) -> Any:
        """A frame for the encoder; of one that passed with the very numbers it had, where these can be turned."""
        if done.rgb is not None:
            return frame_of(to_planes(done.rgb, coding), coding)
        frame = done.shot.frame
        own, turn = coding_of(frame), turn_of(frame) or Turn()
        planes = planes_of(frame, own)
        across, down = own.steps
        if own == coding and (across == down or not turn.exchanged):
            return frame_of([turn(plane) for plane in planes], coding)
        return frame_of(to_planes(turn(to_rgb(planes, own)), coding), coding)
