"""The largest face of each picture, found by a detector, once per picture where pictures return."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .landmark_cache import LandmarkCache


class FaceFinder:
    """Boxes and landmarks of the largest faces; remembers them for pictures that return.

    Not a module on purpose: whoever searches through it neither trains nor saves the detector.

    Args:
        detector: head that returns one :class:`lowface_face.detections.Detections` per picture.
    """

    def __init__(self, detector: nn.Module) -> None:
        self.detector = detector
        self._cache = LandmarkCache()

    @torch.no_grad()
    def find(self, image: Tensor) -> Tensor:
        """Box (xyxy) and five landmarks (xy) of each picture's largest face, pixels.

        Args:
            image: (B,3,H,W) in [0,1].

        Returns:
            (B,14); NaN in the row of a picture without a face.
        """
        image = image.detach()
        places = image.new_full((len(image), 14), float("nan"))
        for row, faces in zip(places, self.detector(image), strict=True):
            if len(faces.scores):
                best = faces.largest()
                row[:4], row[4:] = faces.boxes[best], faces.landmarks[best].flatten()
        return places

    @torch.no_grad()
    def find_once(self, image: Tensor, key: Sequence[str] | None) -> Tensor:
        """As :meth:`find`, searching each picture only the first time it is seen.

        Args:
            image: (B,3,H,W) in [0,1].
            key: names of the pictures, None where they have none.
        """
        names = self._cache.names(image, key)
        known = [self._cache.get(name) for name in names]
        fresh = [index for index, value in enumerate(known) if value is None]
        if fresh:
            for index, row in zip(fresh, self.find(image[fresh]).cpu(), strict=True):
                known[index] = row
                self._cache.put(names[index], row)
        return torch.stack(known).to(image)  # type: ignore[arg-type]
