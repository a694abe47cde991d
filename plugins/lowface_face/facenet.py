"""FaceNet as the library facenet-pytorch gives it: Inception-ResNet v1, 512 numbers a face."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from lowface_core.weights.state_dict import load_weights

from .encoder import Encoder


class FaceNet(Encoder):
    """Head ``facenet``: 512 numbers from a crop of 160 x 160 pixels (Schroff et al., CVPR 2015).

    Args:
        weights: checkpoint of the library; the records ``vggface2`` and ``casia-webface`` are its releases.

    Raises:
        WeightsError: the file is not such a checkpoint.
    """

    crop_size = (160, 160)
    dim = 512

    def __init__(self, weights: str | Path) -> None:
        super().__init__()
        from facenet_pytorch import InceptionResnetV1

        self.network = InceptionResnetV1()  # without arguments it neither loads nor downloads weights
        # The classifier of the training identities is not part of the embedding.
        load_weights(self.network, weights, rename=lambda key: None if key.startswith("logits.") else key)
        self.eval()

    def embed(self, crop: Tensor) -> Tensor:
        """Crop in [0,1] → (B,512); the weights expect [−1,1]."""
        return self.network((crop - 0.5) / 0.5)
