"""How ``lowface pretrain`` trains :class:`lowface_face.face_encoder.FaceEncoder`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.data.dataset import Dataset
from lowface_core.errors import ConfigError

from .align import align_similarity
from .encoder import template_for
from .face_encoder import FaceEncoder, FaceEncoderNet
from .margin import check_margin, with_margin
from .verification import verification_accuracy


class EncoderTask(nn.Module):
    """Classification of the training identities with an additive margin on their cosines (CosFace or ArcFace).

    Args:
        head_config: the head's config; its ``dim`` is used.
        dataset: carries ``normal``, ``landmarks`` and ``identity``, and names its identities.
        scale: multiplies the cosines before the softmax.
        margin: see :func:`lowface_face.margin.with_margin`.
        margin_type: ``"cosface"`` or ``"arcface"``.
        darkest: pictures are multiplied by a factor between this and ``brightest``, so that the encoder stands moderate
            darkness but still prefers a well-lit picture.
        brightest: see ``darkest``.
        noise: largest standard deviation of the Gaussian noise added.
        jitter: standard deviation of the landmarks' displacement, as a share of the distance between the eyes: about
            what a detector gets wrong.

    Raises:
        ConfigError: the dataset lacks a name or identities, or a number is out of range.
    """

    def __init__(
        self,
        head_config: Mapping[str, Any],
        dataset: Dataset,
        scale: float = 32.0,
        margin: float = 0.3,
        margin_type: str = "cosface",
        darkest: float = 0.3,
        brightest: float = 1.1,
        noise: float = 0.04,
        jitter: float = 0.04,
    ) -> None:
        super().__init__()
        missing = [name for name in ("normal", "landmarks", "identity") if name not in dataset.names]
        if missing or not len(dataset.identities):
            what = ", ".join(missing) or "identities"
            raise ConfigError(f"face_encoder: cannot be trained on {type(dataset).__name__}, which lacks {what}")
        check_margin(margin, margin_type, "face_encoder")
        dim = int(head_config.get("dim", 128))
        self.network = FaceEncoderNet(dim)
        self.centres = nn.Parameter(torch.randn(len(dataset.identities), dim) / dim**0.5)
        self.scale, self.margin, self.margin_type = scale, margin, margin_type
        self.darkest, self.brightest, self.noise, self.jitter = darkest, brightest, noise, jitter
        self.register_buffer("template", template_for(FaceEncoder.crop_size), persistent=False)

    def loss(self, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Cross-entropy of a batch's identities, ``{"identity": scalar}``.

        Args:
            batch: ``normal`` (B,3,H,W) in [0,1], ``landmarks`` (B,5,2) xy pixels, ``identity`` (B,).
        """
        crop = self.augment(batch["normal"], batch["landmarks"])
        embedding = F.normalize(self.network(crop * 2 - 1), dim=1)
        cosine = embedding @ F.normalize(self.centres, dim=1).T
        target = batch["identity"]
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
        """Recognition of a dataset's items against its gallery, aligned by the labelled landmarks.

        Returns:
            ``rank1`` (share of items whose nearest gallery picture shows the same identity), ``verification`` (accuracy
            of one threshold on cosines, see :func:`lowface_face.verification.verification_accuracy`) and, where items
            carry ``low``, ``rank1_low`` for their low-light pictures.

        Raises:
            ConfigError: the dataset has no gallery with landmarks.
        """
        was_training = self.network.training
        self.network.eval()
        try:
            rows, ids = self._encode(dataset.gallery(), "normal", device, batch_size)
            if not len(ids):
                raise ConfigError(
                    f"face_encoder: {type(dataset).__name__} has an empty gallery, nothing to compare with"
                )
            numbers: dict[str, float] = {}
            for picture in ("normal", "low"):
                if picture not in dataset.names:
                    continue
                items = (dataset[index] for index in range(len(dataset)))
                probes, truth = self._encode(items, picture, device, batch_size)
                similarity = probes @ rows.T
                right = ids[similarity.argmax(1)] == truth
                numbers["rank1" if picture == "normal" else "rank1_low"] = float(right.float().mean())
                if picture == "normal":
                    numbers["verification"] = verification_accuracy(similarity, truth, ids)
            return numbers
        finally:
            self.network.train(was_training)

    def state(self) -> dict[str, Tensor]:
        """State dict that :class:`FaceEncoder` loads; without the margin's class centres."""
        return self.network.state_dict()

    def _encode(
        self, items: Iterator[Mapping[str, Any]], picture: str, device: torch.device | str, batch_size: int
    ) -> tuple[Tensor, Tensor]:
        """Embeddings (N,D) and identities (N,); pictures may differ in size, so each is cropped alone."""
        crops: list[Tensor] = []
        rows: list[Tensor] = []
        identities: list[int] = []

        def flush() -> None:
            if crops:
                rows.append(F.normalize(self.network(torch.cat(crops) * 2 - 1), dim=1))
                crops.clear()

        for item in items:
            image = torch.as_tensor(item[picture], dtype=torch.float32, device=device)[None]
            points = torch.as_tensor(item["landmarks"], dtype=torch.float32, device=device)[None]
            crops.append(align_similarity(image, points, self.template.to(device), FaceEncoder.crop_size))
            identities.append(int(item["identity"]))
            if len(crops) == batch_size:
                flush()
        flush()
        embedding = torch.cat(rows) if rows else torch.zeros(0, self.centres.shape[1], device=device)
        return embedding, torch.tensor(identities, device=device)
