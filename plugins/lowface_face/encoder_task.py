"""How ``lowface pretrain`` trains :class:`lowface_face.face_encoder.FaceEncoder`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.config.build import build_from
from lowface_core.data.dataset import Dataset
from lowface_core.errors import ConfigError
from lowface_core.step.head_bank import freeze

from .align import align_similarity
from .encoder import template_for
from .face import FaceMatch
from .face_encoder import FaceEncoder, FaceEncoderNet
from .finder import FaceFinder
from .gallery import encode_gallery, encode_pictures
from .margin import Margin, MarginType, with_margin
from .pair_accuracy import verification_accuracy


class EncoderTask(nn.Module):
    """Classification of the training identities with an additive margin on their cosines (CosFace or ArcFace).

    Args:
        head_config: the head's config; its ``dim`` is used.
        dataset: carries ``normal`` and ``identity``, and names its identities: any folder of pictures of known people.
            ``landmarks`` are used where it has them.
        scale: multiplies the cosines before the softmax.
        margin: see :func:`lowface_face.margin.with_margin`.
        margin_type: ``"cosface"`` or ``"arcface"``.
        darkest: pictures are multiplied by a factor between this and ``brightest``, so that the encoder stands moderate
            darkness but still prefers a well-lit picture.
        brightest: see ``darkest``.
        noise: largest standard deviation of the Gaussian noise added.
        jitter: standard deviation of the landmarks' displacement, as a share of the distance between the eyes: about
            what a detector gets wrong.
        detector: finds the landmarks where the dataset has none, once per picture: a head's config, e.g.
            ``dict(type="mtcnn")``, or a head. A training picture without a face is passed over.

    Raises:
        ConfigError: the dataset lacks a name or identities, landmarks have no source, or a number is out of range.
    """

    template: Tensor

    def __init__(
        self,
        head_config: Mapping[str, Any],
        dataset: Dataset,
        scale: float = 32.0,
        margin: Margin = 0.3,
        margin_type: MarginType = "cosface",
        darkest: float = 0.3,
        brightest: float = 1.1,
        noise: float = 0.04,
        jitter: float = 0.04,
        detector: Mapping[str, Any] | nn.Module | None = None,
    ) -> None:
        super().__init__()
        missing = [name for name in ("normal", "identity") if name not in dataset.names]
        if missing or not len(dataset.identities):
            what = ", ".join(missing) or "identities"
            raise ConfigError(f"face_encoder: cannot be trained on {type(dataset).__name__}, which lacks {what}")
        if "landmarks" not in dataset.names and detector is None:
            raise ConfigError(
                f"face_encoder: {type(dataset).__name__} has no landmarks to align faces by; "
                'add task=dict(detector=dict(type="mtcnn")), or another detector'
            )
        head = build_from("head", detector, "task.detector") if isinstance(detector, Mapping) else detector
        self._finder = None if head is None else FaceFinder(freeze(head))
        dim = int(head_config.get("dim", 128))
        self.network = FaceEncoderNet(dim)
        self.centres = nn.Parameter(torch.randn(len(dataset.identities), dim) / dim**0.5)
        self.scale, self.margin, self.margin_type = scale, margin, margin_type
        self.darkest, self.brightest, self.noise, self.jitter = darkest, brightest, noise, jitter
        self.register_buffer("template", template_for(FaceEncoder.crop_size), persistent=False)

    def loss(self, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Cross-entropy of a batch's identities, ``{"identity": scalar}``.

        It holds ``normal`` (B,3,H,W) in [0,1], ``identity`` (B,), ``landmarks`` (B,5,2) xy pixels unless there is a
        detector; ``key`` where known.
        """
        image, target = batch["normal"], batch["identity"]
        landmarks = batch.get("landmarks")
        if landmarks is None:
            landmarks = self._find(image, batch.get("key"))
            found = landmarks.isfinite().flatten(1).all(1)
            if int(found.sum()) < 2:  # too few for batch norm
                return {"identity": self.centres.sum() * 0}
            image, target, landmarks = image[found], target[found], landmarks[found]
        crop = self.augment(image, landmarks)
        embedding = F.normalize(self.network(crop * 2 - 1), dim=1)
        cosine = embedding @ F.normalize(self.centres, dim=1).T
        logits = self.scale * with_margin(cosine, target, self.margin, self.margin_type)
        return {"identity": F.cross_entropy(logits, target)}

    @torch.no_grad()
    def augment(self, image: Tensor, landmarks: Tensor) -> Tensor:
        """Aligned crops (B,3,64,64) in [0,1], misplaced a little, mirrored at random, darkened and noisy."""
        count = len(image)
        eyes = (landmarks[:, 1] - landmarks[:, 0]).norm(dim=1)[:, None, None]
        landmarks = landmarks + torch.randn_like(landmarks) * eyes * self.jitter
        crop = align_similarity(image, landmarks, self.template, FaceEncoder.crop_size)
        mirrored = torch.rand(count, 1, 1, 1, device=crop.device) < 0.5
        crop = torch.where(mirrored, crop.flip(-1), crop)
        gain = torch.empty(count, 1, 1, 1, device=crop.device).uniform_(self.darkest, self.brightest)
        deviation = torch.rand(count, 1, 1, 1, device=crop.device) * self.noise
        return (crop * gain + torch.randn_like(crop) * deviation).clamp(0, 1)

    @torch.no_grad()
    def evaluate(self, dataset: Dataset, device: torch.device | str, batch_size: int) -> dict[str, float]:
        """Recognition of a dataset's items against its gallery, aligned by landmarks of the normal-light picture.

        Returns:
            ``rank1`` (share of items whose nearest gallery picture shows the same identity; the gallery's own pictures
            are no probes), ``verification`` (accuracy of one threshold on cosines, see
            :func:`lowface_face.pair_accuracy.verification_accuracy`) and, where items carry ``low``, ``rank1_low`` for
            all their low-light pictures. Where a detector gives the landmarks also
            ``undetected``, the share of items without a face: they count as wrong and are left out of ``verification``.

        Raises:
            ConfigError: nothing gives the landmarks of a picture.
            LowfaceError: the gallery is empty, or a picture in it shows no face.
        """

        def run(
            image: Tensor, *, normal: Tensor, key: list[str], landmarks: Tensor | None = None, **_: Any
        ) -> FaceMatch:
            image = image.to(device)
            points = self._find(normal.to(device), key) if landmarks is None else landmarks.to(device)
            found = points.isfinite().flatten(1).all(1)
            template = self.template.to(device)
            points = torch.where(found[:, None, None], points, template)
            crop = align_similarity(image, points, template, FaceEncoder.crop_size)
            return FaceMatch(F.normalize(self.network(crop * 2 - 1), dim=1) * found[:, None], found, points)

        items = list(dataset.gallery())
        gallery = encode_gallery(items, run, type(dataset).__name__)
        known = {item.get("key") for item in items} - {None}
        numbers: dict[str, float] = {}
        for picture in ("normal", "low"):
            every = (dataset[index] for index in range(len(dataset))) if picture in dataset.names else ()
            # no normal-light picture is its own probe
            probes = (item for item in every if picture == "low" or item.get("key") not in known)
            encoded = encode_pictures(probes, run, picture, batch=batch_size)
            if not len(encoded):
                continue
            similarity, found = encoded.embedding @ gallery.embedding.T, encoded.found
            right = (gallery.identity[similarity.argmax(1)] == encoded.identity) & found
            numbers["rank1" if picture == "normal" else "rank1_low"] = float(right.float().mean())
            if picture == "normal":
                pairs = similarity[found], encoded.identity[found], gallery.identity
                numbers["verification"] = verification_accuracy(*pairs)
                if self._finder is not None:
                    numbers["undetected"] = float((~found).float().mean())
        return numbers

    def state(self) -> dict[str, Tensor]:
        """State dict that :class:`FaceEncoder` loads; without the margin's class centres and the detector."""
        return self.network.state_dict()

    def _find(self, image: Tensor, key: Any) -> Tensor:
        """Landmarks (B,5,2) by the detector, NaN without a face."""
        if self._finder is None:
            raise ConfigError("face_encoder: a picture comes without landmarks; add task=dict(detector=…)")
        self._finder.detector.to(image.device)
        return self._finder.find_once(image, key)[:, 4:].unflatten(1, (5, 2))
