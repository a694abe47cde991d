"""An enhancer as one graph: the picture in, the enhanced picture out, recorded for any size."""

from __future__ import annotations

import contextlib
import copy
import warnings
from collections.abc import Iterator
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn import functional

from lowface_core.errors import LowfaceError
from lowface_core.step.run_enhancer import run_enhancer

#: Recorded with a picture of odd sides, so that whatever pads does; it is no power of two and not square.
EXAMPLE = (2, 3, 67, 85)


class Picture(nn.Module):
    """An enhancer reduced to pictures (B,3,H,W) RGB in [0,1] → the same.

    Args:
        half: compute in half precision; pictures stay float32 outside.
    """

    def __init__(self, enhancer: nn.Module, half: bool = False) -> None:
        super().__init__()
        self.enhancer, self.half_precision = copy.deepcopy(enhancer).half() if half else enhancer, half

    def forward(self, low: Tensor) -> Tensor:
        """See the class."""
        inside = low.half() if self.half_precision else low
        enhanced: Tensor = run_enhancer(self.enhancer, inside)["enhanced"]
        return enhanced.float().clamp(0.0, 1.0)


def traced(network: nn.Module) -> Any:
    """The network as TorchScript, recorded once.

    Raises:
        LowfaceError: the network leaves torch while it computes, so that nothing of it can be recorded.
    """
    with friendly():
        script = torch.jit.trace(network, torch.rand(EXAMPLE) * 0.3, check_trace=False)
    if not _uses_input(script.inlined_graph):
        raise LowfaceError("the enhancer computes outside torch, so there is no network to export")
    return script


def _uses_input(graph: Any) -> bool:
    """Whether what comes out follows from what goes in."""
    fed = {value.debugName() for value in list(graph.inputs())[1:]}
    for node in graph.nodes():
        if any(value.debugName() in fed for value in node.inputs()):
            fed |= {value.debugName() for value in node.outputs()}
    return all(value.debugName() in fed for value in graph.outputs())


def area_weights(size: Tensor | int, cells: int, like: Tensor) -> Tensor:
    """(cells, size): row k averages over cell k of an axis as ``adaptive_avg_pool2d`` does, bounds rounded outwards.

    Made of arithmetic alone, so that a recorded graph serves axes of any length.
    """
    cell = torch.arange(cells, device=like.device)
    place = torch.arange(size, device=like.device)  # type: ignore[arg-type]
    start = (cell * size) // cells
    end = ((cell + 1) * size + cells - 1) // cells
    inside = (place[None] >= start[:, None]) & (place[None] < end[:, None])
    return inside.to(like.dtype) / (end - start)[:, None].to(like.dtype)


def _area_pool(image: Tensor, output_size: Any) -> Tensor:
    rows, columns = (output_size, output_size) if isinstance(output_size, int) else output_size
    height, width = image.shape[-2:]
    return area_weights(height, rows, image) @ image @ area_weights(width, columns, image).T


def _moved(values: Tensor, source: int, target: int) -> Tensor:
    """``movedim``, whose recording does not understand negative places."""
    order = [place for place in range(values.ndim) if place != source % values.ndim]
    order.insert(target % values.ndim, source % values.ndim)
    return values.permute(order)


def _quantile(values: Tensor, q: Any, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """``torch.quantile`` with linear interpolation, out of a sort."""
    flat = values.flatten() if dim is None else _moved(values, dim, values.ndim - 1)
    ordered = flat.sort(-1).values
    share = torch.as_tensor(q, dtype=values.dtype, device=values.device)
    place = share.flatten() * (flat.shape[-1] - 1)
    below = place.floor()
    first = ordered.index_select(-1, below.long())
    second = ordered.index_select(-1, (below + 1).long().clamp(max=flat.shape[-1] - 1))
    found = first + (second - first) * (place - below)
    found = _moved(found, found.ndim - 1, 0)
    found = found if share.ndim else found[0]
    return found.unsqueeze(dim) if keepdim and dim is not None else found


class _Middle:
    def __init__(self, values: Tensor) -> None:
        self.values = values


def _median(values: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower median, out of a sort; of ``indices`` nothing is known."""
    flat = values.flatten() if dim is None else _moved(values, dim, values.ndim - 1)
    middle = torch.as_tensor((flat.shape[-1] - 1) // 2).reshape(1)
    found = flat.sort(-1).values.index_select(-1, middle)
    if dim is None:
        return found[0]
    return _Middle(_moved(found, found.ndim - 1, dim) if keepdim else found[..., 0])


@contextlib.contextmanager
def friendly() -> Iterator[None]:
    """While networks are recorded: operations that formats lack for sizes known only later are spelt out."""
    with (
        mock.patch.object(functional, "adaptive_avg_pool2d", _area_pool),
        mock.patch.object(torch, "quantile", _quantile),
        mock.patch.object(Tensor, "median", _median),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # about sizes that become constants; the comparison afterwards finds them
        yield
