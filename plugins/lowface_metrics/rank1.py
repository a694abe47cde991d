"""Rank-1 recognition accuracy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from torch import Tensor

from lowface_core.errors import LowfaceError
from lowface_metrics.per_picture import check_count


def rank1_correct(similarity: Tensor, found: Tensor, gallery_identity: Tensor, identity: Tensor) -> Tensor:
    """Whether each probe is recognised: a face was found in it and the most similar face of the gallery is its own.

    Args:
        similarity: (B,F) cosine similarity to each of the F faces in the gallery.
        found: (B,) bool, False where no face was detected in the probe.
        gallery_identity: (F,) int64, identity of each face in the gallery.
        identity: (B,) int64, the truth.

    Returns:
        (B,) bool. An undetected probe is wrong, whatever its similarities. A probe whose identity is missing from the
        gallery is wrong too.

    Raises:
        LowfaceError: the gallery is empty.
    """
    if not similarity.shape[1]:
        raise LowfaceError(
            "rank1: the gallery is empty; no normal-light picture of the data set shows a detectable face"
        )
    nearest = gallery_identity.to(similarity.device)[similarity.argmax(dim=1)]
    return found.to(similarity.device) & (nearest == identity.to(similarity.device))


class Rank1:
    """Share of correctly recognised probes, and of probes without a detected face; ``variant`` says what these are.

    The protocol of Low-FaceNet (Fan et al., IEEE TIM 73, 2024, section IV) over all probes. The released code counts an
    undetected probe as the first identity and averages over batches; here it is a wrong answer, and every probe weighs
    the same.
    """

    variant = "undetected_is_wrong"
    unit = ""
    better: ClassVar = {"undetected": "lower"}  # of the numbers besides the rate itself

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets all probes."""
        self._correct = self._undetected = self._count = 0

    def update(self, image: Tensor, identity: Tensor, face: Callable[[Tensor], Any]) -> dict[str, Tensor]:
        """Takes in probes ``image`` (B,3,H,W) RGB in [0,1] of ``identity`` (B,) int64.

        ``face`` is a face head with an encoded gallery, whose answer has what :func:`rank1_correct` compares. Gives of
        each picture whether it was recognised, and whether no face was found in it: (B,), 0 or 1.
        """
        match = face(image)
        correct = rank1_correct(match.similarity, match.found, match.gallery_identity, identity)
        undetected = ~match.found
        self._correct += int(correct.sum())
        self._undetected += int(undetected.sum())
        self._count += len(correct)
        return {"rank1": correct.cpu().double(), "undetected": undetected.cpu().double()}

    def compute(self) -> dict[str, float]:
        """``{"rank1": share correct, "undetected": share without a face}``, both of all probes, in [0,1].

        Raises:
            LowfaceError: there were no probes.
        """
        check_count("rank1", self._count)
        return {"rank1": self._correct / self._count, "undetected": self._undetected / self._count}

    def state(self) -> dict[str, Any]:
        """What :meth:`load_state` needs to go on from here."""
        return {"correct": self._correct, "undetected": self._undetected, "count": self._count}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from a :meth:`state`."""
        self._correct, self._undetected, self._count = (int(state[key]) for key in ("correct", "undetected", "count"))
