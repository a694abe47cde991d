"""The largest face of each picture, found by a detector, once per picture where pictures return."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn

#: Pictures remembered; each takes some hundred bytes.
MOST = 65536
#: Samples per side of a picture's fingerprint.
SAMPLES = 12


class FaceFinder:
    """Boxes and landmarks of the largest faces; remembers them for pictures that return.

    A picture is known by its key, its size and a few of its pixels, so that a random crop or a mirrored picture under
    the same key is not mistaken for the one seen before. The one unused for longest is forgotten.

    Not a module on purpose: whoever searches through it neither trains nor saves the detector.

    Args:
        detector: head that returns one :class:`lowface_face.detections.Detections` per picture.
        most: pictures remembered.
    """

    def __init__(self, detector: nn.Module, most: int = MOST) -> None:
        self.detector, self.most = detector, most
        self._known: OrderedDict[tuple[object, ...], Tensor] = OrderedDict()

    @torch.no_grad()
    def find(self, image: Tensor) -> Tensor:
        """Box (xyxy) and five landmarks (xy) of the largest face of each picture (B,3,H,W) in [0,1]: (B,14) pixels.

        NaN in the row of a picture without a face.
        """
        image = image.detach()
        places = image.new_full((len(image), 14), float("nan"))
        for row, faces in zip(places, self.detector(image), strict=True):
            if len(faces.scores):
                best = faces.largest()
                row[:4], row[4:] = faces.boxes[best], faces.landmarks[best].flatten()
        return places

    def find_once(self, image: Tensor, key: Sequence[str] | None) -> Tensor:
        """As :meth:`find`, searching each picture only the first time it is seen; ``key`` are names, if any."""
        names = self._names(image, key)
        rows = {name: self._known.pop(name) for name in names if name in self._known}
        fresh = [index for index, name in enumerate(names) if name not in rows]
        if fresh:
            rows.update(zip((names[index] for index in fresh), self.find(image[fresh]).cpu(), strict=True))
        self._known.update(rows)  # behind all others: these are the ones just used
        while len(self._known) > self.most:
            self._known.popitem(last=False)
        return torch.stack([rows[name] for name in names]).to(image)

    def _names(self, image: Tensor, keys: Sequence[str] | None) -> list[tuple[object, ...]]:
        """What each picture is known by."""
        height, width = image.shape[-2:]
        sample = image[:, :, height // (2 * SAMPLES) :: max(height // SAMPLES, 1), :: max(width // SAMPLES, 1)]
        parts = enumerate(sample.detach().float().cpu().contiguous())
        return [(keys and keys[index], height, width, part.numpy().tobytes()) for index, part in parts]
