"""How ``lowface pretrain`` trains :class:`lowface_face.face_encoder.FaceEncoder`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.config.build import build_from
from lowface_core.data.dataset import Dataset
from lowface_core.errors import ConfigError, DataError
from lowface_core.step.head_bank import freeze

from .align import align_similarity
from .encoder import template_for
from .face_encoder import FaceEncoder, FaceEncoderNet
from .finder import FaceFinder
from .margin import check_margin, with_margin
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
        if isinstance(detector, Mapping):
            detector = build_from("head", detector, "task.detector")
        self._finder = None if detector is None else FaceFinder(freeze(detector))
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
            batch: ``normal`` (B,3,H,W) in [0,1], ``identity`` (B,), ``landmarks`` (B,5,2) xy pixels unless there is a
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
            ConfigError: the dataset has no gallery, or nothing gives its landmarks.
            DataError: a gallery picture shows no face.
        """
        was_training = self.network.training
        self.network.eval()
        try:
            gallery = list(dataset.gallery())
            rows, ids, found = self._encode(gallery, "normal", device, batch_size)
            name = type(dataset).__name__
            if not len(ids):
                raise ConfigError(f"face_encoder: {name} has an empty gallery, nothing to compare with")
            if not found.all():
                raise DataError(
                    f"face_encoder: {name}: no face found in {int((~found).sum())} gallery pictures, the first being "
                    f"that of {dataset.identities[int(ids[~found][0])]}; replace or remove them"
                )
            numbers: dict[str, float] = {}
            for picture in ("normal", "low"):
                if picture not in dataset.names:
                    continue
                known = {item.get("key") for item in gallery} - {None} if picture == "normal" else set()
                every = (dataset[index] for index in range(len(dataset)))
                items = (item for item in every if item.get("key") not in known)  # no picture is its own probe
                probes, truth, found = self._encode(items, picture, device, batch_size)
                if not len(truth):
                    continue
                similarity = probes @ rows.T
                right = (ids[similarity.argmax(1)] == truth) & found
                numbers["rank1" if picture == "normal" else "rank1_low"] = float(right.float().mean())
                if picture == "normal":
                    numbers["verification"] = verification_accuracy(similarity[found], truth[found], ids)
                    if self._finder is not None:
                        numbers["undetected"] = float((~found).float().mean())
            return numbers
        finally:
            self.network.train(was_training)

    def state(self) -> dict[str, Tensor]:
        """State dict that :class:`FaceEncoder` loads; without the margin's class centres and the detector."""
        return self.network.state_dict()

    def _find(self, image: Tensor, key: Any) -> Tensor:
        """Landmarks (B,5,2) by the detector, NaN without a face."""
        if self._finder is None:
            raise ConfigError("face_encoder: a picture comes without landmarks; add task=dict(detector=…)")
        self._finder.detector.to(image.device)
        return self._finder.find_once(image, key)[:, 4:].unflatten(1, (5, 2))

    def _encode(
        self, items: Iterable[Mapping[str, Any]], picture: str, device: torch.device | str, batch_size: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings (N,D), identities (N,), found (N,); pictures may differ in size, so each is cropped alone.

        A picture without a face has a row of zeros.
        """
        crops: list[Tensor] = []
        rows: list[Tensor] = []
        identities: list[int] = []
        found: list[bool] = []

        def flush() -> None:
            if crops:
                rows.append(F.normalize(self.network(torch.cat(crops) * 2 - 1), dim=1))
                crops.clear()

        for item in items:
            image = torch.as_tensor(item[picture], dtype=torch.float32, device=device)[None]
            points = item.get("landmarks")
            if points is None:
                normal = torch.as_tensor(item["normal"], dtype=torch.float32, device=device)[None]
                points = self._find(normal, [str(item.get("key"))])[0]
            points = torch.as_tensor(points, dtype=torch.float32, device=device)[None]
            found.append(bool(points.isfinite().all()))
            identities.append(int(item["identity"]))
            if not found[-1]:
                points = self.template[None].to(device)  # anything: the row is zeroed below
            crops.append(align_similarity(image, points, self.template.to(device), FaceEncoder.crop_size))
            if len(crops) == batch_size:
                flush()
        flush()
        embedding = torch.cat(rows) if rows else torch.zeros(0, self.centres.shape[1], device=device)
        seen = torch.tensor(found, dtype=torch.bool, device=device)
        return embedding * seen[:, None], torch.tensor(identities, device=device), seen
