"""How ``lowface pretrain`` trains the encoder: ArcFace's classification of people on the sphere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_arcface.arcface import ArcFace
from lowface_arcface.iresnet import IResNet
from lowface_core.data.dataset import Dataset
from lowface_core.errors import ConfigError
from lowface_face.align import align_similarity
from lowface_face.encoder import template_for
from lowface_face.margin import with_margin


class ArcFaceTask(nn.Module):
    """Trains :class:`IResNet` with an additive angular margin, equation (3) of the ArcFace paper.

    Args:
        head_config: the head's config without its type: ``depth``, ``width``, ``dim``.
        dataset: the training set; carries ``normal``, ``identity`` and ``landmarks``, and names its identities.
        scale: s of the paper (64 there, with tens of thousands of people).
        margin: m of the paper, in radians (0.5 there).
        jitter: standard deviation of the landmarks' displacement, as a share of the distance between the eyes.

    Raises:
        ConfigError: the data set lacks something, or a number is out of range.
    """

    template: Tensor

    def __init__(
        self,
        head_config: Mapping[str, Any],
        dataset: Dataset,
        scale: float = 32.0,
        margin: float = 0.3,
        jitter: float = 0.04,
    ) -> None:
        super().__init__()
        missing = [name for name in ("normal", "identity", "landmarks") if name not in dataset.names]
        if missing or not len(dataset.identities):
            what = ", ".join(missing) or "identities"
            raise ConfigError(f"arcface: cannot be trained on {type(dataset).__name__}, which lacks {what}")
        self.network = IResNet(**head_config)
        dim = self.network.fc.out_features
        self.centres = nn.Parameter(torch.randn(len(dataset.identities), dim) / dim**0.5)
        self.scale, self.margin, self.jitter = scale, margin, jitter
        self.register_buffer("template", template_for(ArcFace.crop_size), persistent=False)

    def loss(self, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """``{"identity": cross-entropy}`` of a batch with ``normal``, ``identity`` and ``landmarks``."""
        landmarks = batch["landmarks"]
        eyes = (landmarks[:, 1] - landmarks[:, 0]).norm(dim=1)[:, None, None]
        crop = self.crop(batch["normal"], landmarks + torch.randn_like(landmarks) * eyes * self.jitter)
        mirrored = torch.rand(len(crop), 1, 1, 1, device=crop.device) < 0.5
        embedding = self.embed(torch.where(mirrored, crop.flip(-1), crop))
        cosine = embedding @ F.normalize(self.centres, dim=1).T
        logits = self.scale * with_margin(cosine, batch["identity"], self.margin, "arcface")
        return {"identity": F.cross_entropy(logits, batch["identity"])}

    def crop(self, image: Tensor, landmarks: Tensor) -> Tensor:
        """Aligned crops (B,3,112,112) in [0,1] of pictures (B,3,H,W) with landmarks (B,5,2) xy pixels."""
        return align_similarity(image, landmarks, self.template, ArcFace.crop_size)

    def embed(self, crop: Tensor) -> Tensor:
        """Crops (B,3,112,112) in [0,1] → (B,dim) of unit length, as the head gives them."""
        return F.normalize(self.network(crop * 2 - 1).float(), dim=1)

    @torch.no_grad()
    def evaluate(self, dataset: Dataset, device: torch.device | str, batch_size: int) -> dict[str, float]:
        """``rank1``: share of items whose nearest gallery picture shows the same person; ``rank1_low`` of dark ones.

        Raises:
            ConfigError: the data set has no gallery.
        """
        was_training = self.training
        self.eval()
        rows, people = self._encode(dataset.gallery(), "normal", device)
        if not len(people):
            raise ConfigError(f"arcface: {type(dataset).__name__} has no gallery to compare with")
        numbers = {}
        for name, key in (("normal", "rank1"), ("low", "rank1_low")):
            if name in dataset.names:
                probes, truth = self._encode((dataset[i] for i in range(len(dataset))), name, device)
                numbers[key] = float((people[(probes @ rows.T).argmax(1)] == truth).float().mean())
        self.train(was_training)
        return numbers

    def state(self) -> dict[str, Tensor]:
        """The network's state dict, which is what the head loads; the people's centres are left behind."""
        return self.network.state_dict()

    def _encode(
        self, items: Iterable[Mapping[str, Any]], name: str, device: torch.device | str
    ) -> tuple[Tensor, Tensor]:
        """Embeddings (N,dim) and identities (N,); picture by picture, since sizes may differ."""
        rows, people = [torch.zeros(0, self.centres.shape[1], device=device)], []
        for item in items:
            image, landmarks = (torch.as_tensor(item[key], device=device)[None].float() for key in (name, "landmarks"))
            rows.append(self.embed(self.crop(image, landmarks)))
            people.append(int(item["identity"]))
        return torch.cat(rows), torch.tensor(people, dtype=torch.int64, device=device)
