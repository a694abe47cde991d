"""The head ``mtcnn``: the three cascaded networks of facenet-pytorch, with the weights inside that library."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
from annotated_types import Ge
from torch import Tensor, nn

from lowface_core.weights.state_dict import load_weights

from .detections import Detections, Share

#: Side of the smallest network's input; a picture whose pyramid never reaches it shows no face.
SMALLEST = 12


class MTCNN(nn.Module):
    """Face detector with five landmarks (Zhang et al., IEEE Signal Processing Letters 2016).

    Has no ``weights``: those of facenet-pytorch (MIT) are files of the installed library. Pictures are searched one
    after the other, because the library's batched call packs boxes of differing counts into ragged arrays.

    Args:
        smallest_face: side in pixels of the smallest face looked for. The pyramid starts there, so 40 takes about a
            quarter of the time of 20 (the library's default).
        thresholds: least score after the first, second and third network.
        factor: ratio of one pyramid level's side to the level before it.

    Raises:
        WeightsError: the installed library has lost its weights.
    """

    def __init__(
        self,
        smallest_face: Annotated[int, Ge(SMALLEST)] = 20,
        thresholds: tuple[Share, Share, Share] = (0.6, 0.7, 0.7),
        factor: Share = 0.709,
    ) -> None:
        super().__init__()
        from facenet_pytorch.models import mtcnn as library

        self.smallest_face, self.thresholds, self.factor = smallest_face, tuple(thresholds), factor
        data = Path(library.__file__).parent.parent / "data"
        self.pnet, self.rnet, self.onet = (
            network(pretrained=False) for network in (library.PNet, library.RNet, library.ONet)
        )
        for name in ("pnet", "rnet", "onet"):
            load_weights(getattr(self, name), data / f"{name}.pt")
        self.eval()

    @torch.no_grad()
    def forward(self, image: Tensor) -> list[Detections]:
        """Faces of each ``image`` (B,3,H,W) RGB in [0,1]: one :class:`Detections` each, in its pixels; no gradient."""
        return [self._search(picture) for picture in image]

    def _search(self, picture: Tensor) -> Detections:
        from facenet_pytorch.models.utils.detect_face import detect_face

        empty = Detections(picture.new_zeros(0, 4), picture.new_zeros(0), picture.new_zeros(0, 5, 2))
        if min(picture.shape[-2:]) < self.smallest_face or not picture.isfinite().all():
            return empty
        with torch.autocast(picture.device.type, enabled=False):  # half precision moves boxes by pixels
            boxes, points = detect_face(
                picture.float().permute(1, 2, 0)[None] * 255.0,
                self.smallest_face,
                self.pnet,
                self.rnet,
                self.onet,
                self.thresholds,
                self.factor,
                picture.device,
            )
        if not len(boxes[0]):
            return empty
        # object arrays, whatever they hold
        found = torch.as_tensor(boxes[0].astype("float32"), device=picture.device)
        landmarks = torch.as_tensor(points[0].astype("float32"), device=picture.device)
        order = found[:, 4].argsort(descending=True, stable=True)
        return Detections(found[order, :4], found[order, 4], landmarks[order])
