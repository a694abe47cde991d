"""The losses of the released form, straight from the equations: the tests' oracle and the benchmark's rival.

Nothing is shared and nothing is saved: each loss sends its pictures through VGG-16 by itself, through a network that
returns its four named layers at every call; all 24 directions of the smoothness loss are computed; each picture is
blurred by a full 21x21 convolution; the regions of the semantic loss are a loop over classes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from lowface_face.align_released import align_eyes

#: Index of torchvision's ``vgg16().features`` after which each layer is taken.
TAKEN = {3: "relu1_2", 8: "relu2_2", 15: "relu3_3", 22: "relu4_3"}
WEIGHTS = {"relu1_2": 1 / 32, "relu2_2": 1 / 16, "relu3_3": 1 / 8}
CLASSES = 11


class NaiveVGG(nn.Module):
    """VGG-16 as a stack of layers that is always climbed as far as ``last``.

    Args:
        features: torchvision-numbered convolutions, ReLUs and poolings.
        last: layer after which to stop.
    """

    def __init__(self, features: nn.Sequential, last: str = "relu4_3") -> None:
        super().__init__()
        self.features, self.last = features, last

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        taken = {}
        for index, layer in enumerate(self.features):
            x = x.relu_() if isinstance(layer, nn.ReLU) else layer(x)  # in place, as in torchvision
            if index in TAKEN:
                taken[TAKEN[index]] = x
                if TAKEN[index] == self.last:
                    return taken
        raise ValueError(f"no layer {self.last}")


def feature_cr(enhanced: Tensor, positive: Tensor, negative: Tensor, vgg: NaiveVGG) -> Tensor:
    e, p, n = vgg(enhanced), vgg(positive), vgg(negative)
    total = 0.0
    for layer, weight in WEIGHTS.items():
        near = (e[layer] - p[layer].detach()).abs().mean()
        far = (e[layer] - n[layer].detach()).abs().mean()
        total = total + weight * near / (far + 1e-7)
    return total


def brightness_cr(enhanced: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    e, p, n = (torch.mean(image, 1, keepdim=True) for image in (enhanced, positive, negative))
    return (e - p).abs().mean() / ((e - n).abs().mean() + 1e-7)


def perceptual(low: Tensor, enhanced: Tensor, vgg: NaiveVGG) -> Tensor:
    return (vgg(enhanced)["relu4_3"] - vgg(low)["relu4_3"].detach()).square().mean()


def color_filters() -> Tensor:
    """The (3,3,21,21) filters, entry by entry: every output channel sums the channels."""
    edges = [-3 - 1 / 6 + k * (6 + 1 / 3) / 21 for k in range(22)]
    normal = [0.5 * math.erfc(-edge / math.sqrt(2)) for edge in edges]
    p = [after - before for before, after in itertools.pairwise(normal)]
    kernel = torch.tensor([[math.sqrt(a * b) for a in p] for b in p], dtype=torch.float64)
    return (kernel / kernel.sum()).expand(3, 3, 21, 21).contiguous()


def color(enhanced: Tensor, positive: Tensor, filters: Tensor) -> Tensor:
    blurred = functional.conv2d(enhanced, filters, padding=10)
    return (blurred - functional.conv2d(positive, filters, padding=10)).square().mean()


def shifted(image: Tensor, down: int, right: int) -> Tensor:
    """Differences between pixels ``down`` and ``right`` apart, in any of the 24 directions."""
    height, width = image.shape[-2:]
    here = image[..., max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
    there = image[..., max(0, down) : height - max(0, -down), max(0, right) : width - max(0, -right)]
    return there - here


def smoothness(low: Tensor, illumination: Tensor, sigma: float = 0.1) -> Tensor:
    total = 0.0
    for down, right in itertools.product(range(-2, 3), repeat=2):
        if (down, right) != (0, 0):
            edge = shifted(low, down, right).square().sum(1, keepdim=True)
            weight = torch.exp(-0.5 * sigma**2 * edge)
            total = total + weight.mean() * shifted(illumination, down, right).abs().mean()
    return total


def semantic_brightness(enhanced: Tensor, labels: Tensor) -> Tensor:
    brightness = enhanced.mean(1, keepdim=True)
    total = 0.0
    for number in range(CLASSES):
        inside = brightness * (labels == number)  # (N,1,H,W) * (N,H,W): every map over every picture
        mean = inside.detach().mean()
        filled = torch.where(inside == 0, mean, inside)
        total = total + (filled - mean).square().mean()
    return total


def parsed(enhanced: Tensor, parser: nn.Module) -> Tensor:
    """Regions of the enhanced pictures, (N,H,W), by a parser that is asked as any network is."""
    return parser(enhanced).argmax(1)


def identity(enhanced: Tensor, who: Tensor, face: nn.Module, gallery: Tensor) -> Tensor:
    """Picture by picture: its largest face is found, cut out as the released code does, encoded and compared.

    Args:
        who: (N,) rows of ``gallery`` (F,D).
        face: has ``detector`` and ``encoder``.
    """
    similar = []
    for picture in enhanced.split(1):
        with torch.no_grad():
            faces = face.detector(picture)[0]  # type: ignore[operator]
        if len(faces.scores):
            best = faces.largest()
            crop = align_eyes(picture, faces.boxes[best : best + 1], faces.landmarks[best : best + 1], (160, 160))
            similar.append(face.encoder(crop) @ gallery.T)  # type: ignore[operator]
        else:
            similar.append(picture.new_zeros(1, len(gallery)))
    return functional.cross_entropy(torch.cat(similar), who)


def released_losses(
    names: Mapping[str, Tensor], vgg: NaiveVGG, filters: Tensor, contrast_vgg: NaiveVGG | None = None
) -> dict[str, Tensor]:
    """All losses of one step but the face's, unweighted, by their registered names.

    Args:
        vgg: for the perceptual loss, and for the feature CR unless ``contrast_vgg`` is given.
        filters: of :func:`color_filters`, in the pictures' precision.
    """
    low, enhanced, illumination = names["low"], names["enhanced"], names["illumination"]
    positive, negative = names["positive"], names["negative"]
    return {
        "feature_cr": feature_cr(enhanced, positive, negative, contrast_vgg or vgg),
        "brightness_cr": brightness_cr(enhanced, positive, negative),
        "perceptual": perceptual(low, enhanced, vgg),
        "color": color(enhanced, positive, filters),
        "smoothness": smoothness(low, illumination),
        "semantic_brightness": semantic_brightness(enhanced, names["labels"]),
    }
