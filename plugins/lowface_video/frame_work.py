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

    def enhanced(self, items: Iterable[Any]) -> Iterator[Any]:
        """The frames among ``items``, enhanced or not; those at a scene's beginning after a look at all of them."""
        waiting: list[Done] = []
        known = True
        for item in items:
            if not isinstance(item, Done):
                yield item
                continue
            if item.rgb is not None:
                item = replace(item, before=mean_luma(item.rgb))
                low = self._tensor(item)
                if self.steady.look(low):
                    yield from map(self._finished, waiting)
                    waiting = []
                    self.steady.forget()
                    known = True  # until there is a frame to learn from
                    item = replace(item, cut=True)
                if not self._passes(item):
                    known = self.steady.learn(low, item.shot.seconds)
            waiting.append(item)
            if known:
                yield from map(self._finished, waiting)
                waiting = []
        yield from map(self._finished, waiting)

    def _passes(self, done: Done) -> bool:
        return self.level is not None and done.before > self.level

    def _tensor(self, done: Done) -> Any:
        return torch.from_numpy(done.rgb)[None].to(self.device)

    def _finished(self, done: Done) -> Done:
        """A frame with its result."""
        done = replace(done, number=self.number)
        self.number += 1
        if done.rgb is None:
            assert self.last is not None  # read() gives a frame first
            shot = done.shot._replace(frame=self.last.shot.frame)
            return replace(self.last, shot=shot, action="concealed", number=done.number, cut=False)
        if self._passes(done):
            action = "passed" if done.action == "enhanced" else done.action
            self.last = replace(done, rgb=None, action=action, after=done.before)
        else:
            name = f"{self.name}: frame {done.number} at {done.shot.seconds:.3f} s"
            rgb = self.steady.enhance(self._tensor(done), name)[0].float().cpu().numpy()
            self.last = replace(done, rgb=rgb, after=mean_luma(rgb))
        return self.last

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
