"""Semantic brightness loss: inside one part of the face, brightness should be even."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Le
from torch import Tensor, nn

from lowface_core.errors import ConfigError, DataError
from lowface_core.registry.bounds import Form
from lowface_semantic.classes import IGNORED

Classes = Annotated[int, Ge(1), Le(IGNORED)]


def brightness_spread(image: Tensor, labels: Tensor, num_classes: int = 11) -> Tensor:
    """Variance of brightness within regions, the paper's form.

    L = (1/N) Σ_s Σ_{i∈θ_s} (B_i − mean_{θ_s} B)², B the mean of the three channels, θ_s the pixels of class s in
    one picture, N the number of labelled pixels of the batch: the average squared distance of a pixel from its
    region's mean.

    Args:
        image: (B,3,H,W) RGB in [0,1].
        labels: (B,H,W) int64 in 0 … num_classes−1; pixels of value 255 belong to no region.
        num_classes: number of classes.

    Returns:
        Scalar in [0, 0.25]; 0 when every region is of one brightness. Classes without pixels contribute nothing.
    """
    brightness, region, labelled = _regions(image, labels, num_classes)
    bins = len(labels) * (num_classes + 1)
    count = torch.bincount(region, minlength=bins).to(brightness.dtype)
    mean = brightness.new_zeros(bins).index_add(0, region, brightness) / count.clamp(min=1)
    squares = (brightness - mean[region]).square() * labelled
    return (squares.sum() / labelled.sum().clamp(min=1)).to(_result_type(image))


def released_brightness_spread(image: Tensor, labels: Tensor, num_classes: int = 11) -> Tensor:
    """The form of the released code.

    For each class the brightness of all other pixels is set to 0, m is the mean over the *whole* picture, zeros are
    replaced by m, and the loss is the mean of (B − m)² over the whole picture; summed over the classes. Since m is
    not the region's mean but that mean times the region's share of the picture, even regions are pulled towards m,
    not left alone.

    Two traits of that code are kept, without which its numbers cannot be met (its recorded gradients show them): no
    gradient runs through m, and in a batch *every* parsing map is laid over *every* picture, one m over all pairs. The
    result therefore depends on the batch; for a single picture it is what the first paragraph says.

    Arguments and result as in :func:`brightness_spread`, except that even regions do not give 0.
    """
    brightness, region, labelled = _regions(image, labels, num_classes)
    pairs = len(labels) ** 2 * labels[0].numel()
    region = region.view(labels.shape) % (num_classes + 1)
    brightness = brightness.view(labels.shape)
    total = brightness.sum(0)
    sums = total.new_zeros(num_classes + 1).index_add(0, region.flatten(), total.expand(labels.shape).flatten())
    mean = (sums / pairs).detach()[region]
    # Replaced zeros lie exactly on m and add nothing (black pixels inside a region are replaced too). What remains is
    # Σ_i (B_i − m)² over the pictures i, expanded so that no (B,B,H,W) array is needed; double precision bears it.
    lit = (brightness != 0).sum(0)
    squares = brightness.square().sum(0) - 2 * mean * total + lit * mean.square()
    return ((squares * labelled.view(labels.shape)).sum() / pairs).to(_result_type(image))


class _SemanticBrightness(nn.Module):
    """What both sources of regions share."""

    def __init__(self, num_classes: int = 11, form: Form = "paper") -> None:
        super().__init__()
        self.num_classes = num_classes
        self.spread = brightness_spread if form == "paper" else released_brightness_spread


class SemanticBrightnessFromLabels(_SemanticBrightness):
    """The loss over the batch's own parsing maps; see :func:`semantic_brightness`."""

    def forward(self, enhanced: Tensor, labels: Tensor) -> Tensor:
        """Scalar loss of ``enhanced`` (B,3,H,W) in [0,1] over ``labels`` (B,H,W) int64.

        Raises:
            DataError: the maps do not fit the pictures or hold a label outside the classes (255 excepted).
        """
        return self.spread(enhanced, labels, self.num_classes)


class SemanticBrightnessFromParser(_SemanticBrightness):
    """The loss over regions that the head ``parser`` finds; see :func:`semantic_brightness`."""

    def forward(self, enhanced: Tensor, parser: Callable[[Tensor], Tensor]) -> Tensor:
        """Scalar loss of ``enhanced`` (B,3,H,W) in [0,1]; ``parser`` maps it to logits (B,num_classes,H,W).

        Raises:
            ConfigError: the head has another number of classes than the loss.
        """
        # A region is a choice of pixels and has no gradient. Detaching first spares the parser's backward graph.
        logits = parser(enhanced.detach())
        if logits.shape[1] != self.num_classes:
            raise ConfigError(
                f"semantic_brightness: num_classes={self.num_classes}, but the parser has {logits.shape[1]}; "
                "make them equal"
            )
        return self.spread(enhanced, logits.argmax(1), self.num_classes)


def semantic_brightness(
    num_classes: Classes = 11, form: Form = "paper", regions: Literal["labels", "parser"] = "labels"
) -> SemanticBrightnessFromLabels | SemanticBrightnessFromParser:
    """The semantic brightness loss, which reads what ``regions`` says.

    Args:
        num_classes: number of parsing classes.
        form: ``paper``, equation (9) divided by the number of pixels so that its weight holds for any picture size, or
            ``released``, what the released code computes (:func:`released_brightness_spread`).
        regions: ``labels``: the batch's parsing maps, as the released code does; ``parser``: argmax of the head
            ``parser`` on the enhanced picture, as the paper does. No gradient runs through the regions.

    Source: Fan et al., "Low-FaceNet", IEEE TIM 73 (2024), equation (9), weight 1.
    """
    source = SemanticBrightnessFromLabels if regions == "labels" else SemanticBrightnessFromParser
    return source(num_classes, form)


def _regions(image: Tensor, labels: Tensor, num_classes: int) -> tuple[Tensor, Tensor, Tensor]:
    """Flat brightness, region number (picture and class in one; a picture's last is for unlabelled pixels), mask."""
    if labels.shape != image.shape[:1] + image.shape[2:]:
        raise DataError(
            f"labels of shape {tuple(labels.shape)} do not fit pictures of shape {tuple(image.shape)}; "
            "they must be (B,H,W)"
        )
    if labels.is_floating_point():
        raise DataError(f"labels hold {labels.dtype}; a parsing map holds whole numbers (int64)")
    labels = labels.long()  # uint8 maps would overflow in the region number
    labelled = labels != IGNORED
    wrong = labels[labelled & ((labels < 0) | (labels >= num_classes))]
    if len(wrong):
        raise DataError(
            f"label {int(wrong[0])} in a parsing map of {num_classes} classes; "
            f"expected 0 to {num_classes - 1}, or {IGNORED} for unlabelled"
        )
    # Sums over 10⁵ pixels lose digits in single precision, and a mixed-precision step may bring less still.
    precise = torch.float32 if image.device.type == "mps" else torch.float64
    brightness = image.to(precise).mean(1).flatten()
    picture = torch.arange(len(labels), device=labels.device).view(-1, 1, 1) * (num_classes + 1)
    region = (picture + labels.masked_fill(~labelled, num_classes)).flatten()
    return brightness, region, labelled.flatten()


def _result_type(image: Tensor) -> torch.dtype:
    return torch.float64 if image.dtype == torch.float64 else torch.float32
