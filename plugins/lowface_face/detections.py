"""What a face detector returns for one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt, Lt
from torch import Tensor

#: A number between 0 and 1, neither included.
Share = Annotated[float, Gt(0), Lt(1)]


@dataclass
class Detections:
    """Faces of one picture, best score first; any number of them, none included.

    Attributes:
        boxes: (N,4) xyxy, pixels of the picture; may reach beyond its border.
        scores: (N,) in [0,1].
        landmarks: (N,5,2) xy pixels: image-left eye, image-right eye, nose, image-left and image-right mouth corner.
    """

    boxes: Tensor
    scores: Tensor
    landmarks: Tensor

    def __len__(self) -> int:
        return len(self.scores)

    def largest(self) -> int:
        """Index of the box of largest area, where there is one."""
        return int((self.boxes[:, 2:] - self.boxes[:, :2]).clamp(min=0).prod(1).argmax())
