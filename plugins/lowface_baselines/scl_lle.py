"""SCL-LLE: the network of Zero-DCE, trained by semantically guided contrast."""

from __future__ import annotations

from lowface_baselines.zero_dce import ZeroDCE


class SCLLLE(ZeroDCE):
    """SCL-LLE enhances by the network of Zero-DCE; what differs is its training, and so its weights.

    (B,3,H,W) RGB in [0,1] → ``enhanced``, the same, and ``curves`` (B,24,H,W) in [-1,1].

    Args:
        weights: checkpoint with the published layout, or a record's name; None draws new weights, to be trained.

    Raises:
        WeightsError: the file is missing or of another network.

    References:
        Liang et al., "Semantically Contrastive Learning for Low-Light Image Enhancement", AAAI 2022.
    """
