"""A differentiable torch module out of an ONNX file."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, fx

from lowface_core.errors import WeightsError
from lowface_core.lazy import needed
from lowface_foreign.onnx_graph import OnnxGraph, read_graph
from lowface_foreign.opened import OpenedNetwork

#: Side of the pictures on which a network for any size is tried out.
TRIAL = 64
#: Two ways of computing the same may differ by this share of the largest value.
CLOSE = 1e-3


class OnnxNetwork(OpenedNetwork):
    """An ONNX file as a torch module, made by onnx2torch; gradients reach the picture.

    A file that is made for one picture at a time is given whole batches where that changes nothing, which is tried out
    when it is opened, and one picture after the other where it does.

    Args:
        path: the file. Weights that are quantised, whole or in blocks, are made float32.
        outputs: names of values in its graph to answer with; None: its own outputs.

    Raises:
        PluginError: onnx or onnx2torch is not installed.
        WeightsError: the file cannot be read, or uses what onnx2torch does not know.
        ConfigError: it computes no value of such a name.
    """

    def __init__(self, path: str | Path, outputs: Sequence[str] | None = None) -> None:
        super().__init__()
        found = read_graph(path, outputs)
        self.source, self.outputs, self.size = str(path), found.outputs, found.size
        self._channels_last = found.channels_last
        self._each = False  # whether pictures go through one by one
        self.network = torch_form(found, path)
        self.eval()
        if found.batch is not None:
            self._each = not self._takes_batches(found)

    def _takes_batches(self, found: OnnxGraph) -> bool:
        """Whether two pictures together are answered as each of them alone."""
        height, width = found.size or (TRIAL, TRIAL)
        two = torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(0))
        with contextlib.suppress(Exception), torch.no_grad():  # whichever operator a batch does not fit
            together = self(two)
            alone = [torch.cat(pair) for pair in zip(self(two[:1]), self(two[1:]), strict=True)]
            return all(
                one.shape == other.shape and (one - other).abs().max() <= CLOSE * other.abs().max()
                for one, other in zip(together, alone, strict=True)
            )
        return False

    def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
        """See the base class."""
        places = range(len(self.outputs))
        answers = [self._run(part, places) for part in self._parts(picture)]
        return tuple(torch.cat(each) if len(each) > 1 else each[0] for each in zip(*answers, strict=True))

    def one(self, picture: Tensor, place: int) -> Tensor:
        """See the base class."""
        answers = [self._run(part, [place])[0] for part in self._parts(picture)]
        return torch.cat(answers) if len(answers) > 1 else answers[0]

    def _parts(self, picture: Tensor) -> Sequence[Tensor]:
        if self._channels_last:
            picture = picture.permute(0, 2, 3, 1)
        return picture.split(1) if self._each else (picture,)

    def _run(self, picture: Tensor, places: Sequence[int]) -> list[Tensor]:
        """The outputs at these places; of the graph only what leads to them is computed."""
        nodes = self.network.graph.nodes
        *_, last = nodes
        results = last.args[0] if isinstance(last.args[0], (list, tuple)) else [last.args[0]]
        wanted = [results[place] for place in places]
        needs = {*wanted}
        for node in reversed(nodes):
            if node in needs:
                needs |= {*node.all_input_nodes}
        run = fx.Interpreter(self.network)
        run.env = {node: picture for node in nodes if node.op == "placeholder"}
        for node in nodes:
            if node in needs and node not in run.env:
                run.env[node] = run.run_node(node)
        return [run.env[node] for node in wanted]


def torch_form(found: OnnxGraph, path: str | Path) -> fx.GraphModule:
    """The torch module of a graph.

    Raises:
        PluginError: onnx2torch is not installed.
        WeightsError: it does not know an operator of the file.
    """
    library = needed("onnx2torch", "onnx2torch", f"{path}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's, about arrays that it may not write into
            module: Any = library.convert(found.model)
    except NotImplementedError as error:
        told = " ".join(str(error).split())[:200]
        raise WeightsError(f"{path}: onnx2torch cannot convert it ({told}); export it with other operators") from error
    except Exception as error:  # each converter checks in its own way
        told = " ".join(str(error).split())[:200] or type(error).__name__
        raise WeightsError(f"{path}: onnx2torch cannot convert it ({type(error).__name__}: {told})") from error
    return module
