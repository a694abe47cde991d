"""YuNet (Wu et al., Machine Intelligence Research 20, 2023), its layers in the order of OpenCV Zoo's file."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.weights.onnx_file import in_order

STRIDES = (8, 16, 32)
WIDTH = 64
#: What is told of a cell, in the file's order, and how many numbers: class, box, face at all, five points.
OUTPUTS = {"cls": 1, "bbox": 4, "obj": 1, "kps": 10}


def unit(inputs: int, outputs: int, activation: bool = True) -> nn.Sequential:
    """1x1 convolution, depthwise 3x3 convolution, and a rectifier where asked for; batch norms are folded in."""
    layers = [nn.Conv2d(inputs, outputs, 1), nn.Conv2d(outputs, outputs, 3, padding=1, groups=outputs)]
    return nn.Sequential(*layers, *[nn.ReLU()] * activation)


class YuNetNet(nn.Module):
    """The network alone, for sides that are multiples of 32."""

    def __init__(self) -> None:
        super().__init__()
        self.start = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.ReLU(), *unit(16, 16))
        self.stages = nn.ModuleList(
            nn.Sequential(unit(inputs, middle), unit(middle, outputs))
            for inputs, middle, outputs in ((16, 16, 32), (32, 32, 64), (64, 64, 64), (64, 64, 64), (64, 64, 64))
        )
        self.neck = nn.ModuleList(unit(WIDTH, WIDTH) for _ in STRIDES)  # the coarsest first
        self.heads = nn.ModuleList(unit(WIDTH, count, activation=False) for count in OUTPUTS.values() for _ in STRIDES)

    def adapt_state(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The weights of an ONNX file in this layout."""
        return in_order(self, state)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Picture (B,3,H,W), BGR, 0..255 → scores (B,A), boxes (B,A,4), landmarks (B,A,10), in units of a cell.

        A = number of cells at the strides 8, 16 and 32, level by level, row by row. A score is the geometric mean of
        the probabilities of the class and of there being a face at all.
        """
        x = self.start(x)
        maps = []
        for place, stage in enumerate(self.stages):
            x = stage(x if place == 1 else F.max_pool2d(x, 2))
            maps.append(x)
        levels = [self.neck[0](maps[-1])]
        for place, finer in enumerate(maps[-2:-4:-1], 1):
            levels.append(self.neck[place](finer + F.interpolate(levels[-1], scale_factor=2.0, mode="nearest")))
        levels.reverse()
        told = {}
        for place, (name, count) in enumerate(OUTPUTS.items()):
            heads = self.heads[3 * place : 3 * place + 3]
            flat = [head(level).permute(0, 2, 3, 1) for head, level in zip(heads, levels, strict=True)]
            told[name] = torch.cat([part.reshape(len(x), -1, count) for part in flat], 1)
        scores = (told["cls"].sigmoid() * told["obj"].sigmoid()).sqrt()[..., 0]
        return scores, told["bbox"], told["kps"]
