"""The head ``face``: find the face, align it, encode it, compare it with the gallery."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.errors import ConfigError

from .align import align_similarity, crop_box
from .align_released import align_eyes
from .finder import FaceFinder
from .gallery import Gallery, encode_gallery
from .gallery_cache import GalleryCache, settings_key

#: Share of the box' size added on each side by ``align="box"``.
BOX_MARGIN = 0.1


@dataclass
class FaceMatch:
    """What the face head says about a batch of pictures.

    Attributes:
        embedding: (B,D) of unit length; zero where no face was found.
        found: (B,) bool.
        landmarks: (B,5,2) xy pixels of the picture; zero where no face was found.
        similarity: (B,F) cosines to the gallery, zero where no face was found; None without a gallery.
        gallery_identity: (F,) int64, the identity of each column; None without a gallery.
    """

    embedding: Tensor
    found: Tensor
    landmarks: Tensor
    similarity: Tensor | None = None
    gallery_identity: Tensor | None = None


class Face(nn.Module):
    """Face recogniser whose gradient reaches the picture: through the crop and the encoder, not through the detector.

    Args:
        encoder: head that encodes crops, e.g. ``dict(type="mobilefacenet", weights=…)``: any with the attributes of
            :class:`lowface_face.encoder.Encoder`.
        detector: head that finds faces, e.g. ``dict(type="retinaface", weights=…)``; not used by ``locate="labels"``.
        locate: where landmarks come from: ``"enhanced"`` (default, as the released code does): the detector on the
            picture given, detached, its largest face; ``"normal"``: the detector on the batch's ``normal``, once per
            picture, then remembered; ``"labels"``: the batch's ``landmarks``.
        align: ``"similarity"`` (default) fits the five landmarks to the encoder's template; ``"box"`` cuts out the box,
            10 percent larger on each side; ``"eyes"`` is the released code's crop, see
            :func:`lowface_face.align_released.align_eyes`.
        mirror: encode each crop's mirror image, too, and add both embeddings, as SphereFace (Liu et al., CVPR 2017) and
            ArcFace (Deng et al., CVPR 2019) do on LFW; twice the time.
        cache: keep gallery embeddings on disk for the next run with the same weights, settings and pictures, see
            :class:`lowface_face.gallery_cache.GalleryCache`.

    Raises:
        ConfigError: a detector that is needed and missing, or an encoder that encodes no faces.
    """

    encoder: Any  # an Encoder, or a head with its attributes
    template: Tensor

    def __init__(
        self,
        encoder: nn.Module,
        detector: nn.Module | None = None,
        locate: Literal["enhanced", "normal", "labels"] = "enhanced",
        align: Literal["similarity", "box", "eyes"] = "similarity",
        cache: bool = True,
        mirror: bool = False,
    ) -> None:
        super().__init__()
        if locate != "labels" and detector is None:
            raise ConfigError(
                f"face: locate={locate!r} needs detector=dict(type=\"retinaface\", weights=…), or use locate='labels'"
            )
        missing = [name for name in ("crop_size", "dim", "template") if not hasattr(encoder, name)]
        if missing:
            what = f"{type(encoder).__name__} has no {', '.join(missing)}"
            raise ConfigError(f"face: encoder must be a face encoder such as mobilefacenet; {what}")
        self.encoder, self.detector = encoder, detector
        self.locate, self.align, self.cache, self.mirror = locate, align, cache, mirror
        self.register_buffer("template", self.encoder.template, persistent=False)
        self._finder = FaceFinder(detector)  # type: ignore[arg-type]  # unused without a detector

    def forward(
        self,
        image: Tensor,
        *,
        prepared: Gallery | None = None,
        normal: Tensor | None = None,
        landmarks: Tensor | None = None,
        box: Tensor | None = None,
        key: Sequence[str] | None = None,
    ) -> FaceMatch:
        """Recognises the largest face of each picture.

        Args:
            image: (B,3,H,W) in [0,1]; gradients reach it.
            prepared: the encoded gallery, as :meth:`prepare_for` returns it.
            normal: (B,3,H,W), for ``locate="normal"``.
            landmarks: (B,5,2) xy pixels, for ``locate="labels"``.
            box: (B,4) xyxy pixels, for ``locate="labels"`` with a crop by box.
            key: names of the pictures.

        Raises:
            ConfigError: the batch lacks what ``locate`` needs.
        """
        places = self._places(image, normal, landmarks, box, key)
        points = places[:, 4:].unflatten(1, (5, 2))
        found = places.isfinite().all(1)
        embedding = image.new_zeros(len(image), self.encoder.dim)
        if found.all():
            embedding = self._embed(self._crop(image, places[:, :4], points))
        elif found.any():
            some = self._embed(self._crop(image[found], places[found, :4], points[found]))
            embedding = embedding.index_put((found.nonzero()[:, 0],), some.to(embedding.dtype))
        match = FaceMatch(embedding, found, torch.where(found[:, None, None], points, 0))
        if prepared is not None:
            # A zero embedding has similarity zero to everyone, as wanted.
            with torch.autocast(image.device.type, enabled=False):  # half precision would blur near ties
                match.similarity = embedding.float() @ prepared.embedding.to(image.device).float().T
            match.gallery_identity = prepared.identity.to(image.device)
        return match

    def prepare_for(self, dataset: Any, run: Callable[..., FaceMatch]) -> Gallery:
        """Encodes ``dataset.gallery()``, or what an earlier run has not encoded of it.

        Raises:
            LowfaceError: the gallery is empty or shows pictures without a face; see :func:`encode_gallery`.
        """
        name, cache = type(dataset).__name__, None
        if self.cache and hasattr(dataset, "fingerprint"):
            detector = self.detector if self.locate != "labels" else None
            mirror = ["mirror"] if self.mirror else []  # without it, what was kept before there was any stays valid
            settings = settings_key((self.encoder, detector), self.locate, self.align, *mirror)
            cache = GalleryCache(settings, dataset.fingerprint(), self.encoder.dim)
        gallery = encode_gallery(dataset.gallery(), run, name, cache)
        device = self.template.device  # rows from disk come on the CPU
        return Gallery(gallery.embedding.to(device), gallery.identity.to(device))

    def _embed(self, crop: Tensor) -> Tensor:
        if not self.mirror:
            return self.encoder(crop)
        return F.normalize(self.encoder(crop) + self.encoder(crop.flip(-1)), dim=1)

    def _crop(self, image: Tensor, box: Tensor, points: Tensor) -> Tensor:
        size = self.encoder.crop_size
        if self.align == "similarity":
            return align_similarity(image, points, self.template, size)
        if self.align == "box":
            return crop_box(image, box, size, BOX_MARGIN)
        return align_eyes(image, box, points, size)

    @torch.no_grad()
    def _places(
        self,
        image: Tensor,
        normal: Tensor | None,
        landmarks: Tensor | None,
        box: Tensor | None,
        key: Sequence[str] | None,
    ) -> Tensor:
        """Box and landmarks of each picture's face, (B,14), NaN where there is none."""
        if self.locate == "enhanced":
            return self._finder.find(image)
        if self.locate == "normal":
            return self._finder.find_once(_offered(normal, "normal", "locate='normal'", "another locate"), key)
        landmarks = _offered(landmarks, "landmarks", "locate='labels'", "another locate").to(image)
        if self.align != "similarity":
            _offered(box, "box", f"align={self.align!r}", "'similarity'")
        box = torch.zeros_like(landmarks[:, :2].flatten(1)) if box is None else box.to(image)
        return torch.cat([box, landmarks.flatten(1)], 1)


def _offered(value: Tensor | None, name: str, reader: str, instead: str) -> Tensor:
    """What a batch carries.

    Raises:
        ConfigError: nothing.
    """
    if value is None:
        raise ConfigError(f"face: {reader} reads {name}, which the dataset does not offer; use {instead}")
    return value
