"""Verification over all thresholds: ROC, the area under it, equal error rate, true accepts at a rate of false accepts.

A pair is accepted when its score reaches the threshold. Every number takes weights of pairs, which the bootstrap needs;
integer weights mean repeated pairs. Scores may be −∞ (no face): such a pair is accepted at no threshold but −∞, which
stands at the end (1,1) of every curve.
"""

from __future__ import annotations

import numpy as np


class Roc:
    """Scores of genuine and impostor pairs, ready to give the curve under any weights.

    Args:
        genuine: (N,) scores of pairs that show one person.
        impostor: (M,) scores of pairs that show two.
    """

    def __init__(self, genuine: np.ndarray, impostor: np.ndarray) -> None:
        genuine, impostor = np.asarray(genuine, np.float64), np.asarray(impostor, np.float64)
        values, place = np.unique(-np.concatenate([genuine, impostor]), return_inverse=True)  # highest score first
        self.thresholds = -values
        self._genuine, self._impostor = place[: len(genuine)], place[len(genuine) :]

    def curve(self, genuine: np.ndarray | None = None, impostor: np.ndarray | None = None) -> Curve:
        """The curve; ``genuine`` (N,) and ``impostor`` (M,) are weights, all 1 by default."""
        return Curve(*(self._share(place, w) for place, w in ((self._impostor, impostor), (self._genuine, genuine))))

    def _share(self, place: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        count = np.bincount(place, weight, len(self.thresholds)).cumsum(dtype=np.float64)
        total = count[-1] if len(count) else 0.0
        share = count / total if total > 0 else np.full(len(count), np.nan)
        return np.concatenate([[0.0], share])


class Curve:
    """A receiver operating characteristic: shares accepted as the threshold falls, from (0,0) to (1,1).

    Pairs of equal score are accepted together, so the curve goes straight past a tie.

    Args:
        far: share of impostor pairs accepted, rising; NaN without such pairs.
        tar: share of genuine pairs accepted, rising.
    """

    def __init__(self, far: np.ndarray, tar: np.ndarray) -> None:
        self.far, self.tar = far, tar

    @property
    def defined(self) -> bool:
        """Whether there were pairs of both kinds."""
        return bool(len(self.far) > 1 and np.isfinite(self.far[-1]) and np.isfinite(self.tar[-1]))

    def auc(self) -> float:
        """Area under the curve: the probability that a genuine pair scores higher than an impostor pair, ties half."""
        if not self.defined:
            return float("nan")
        return float((np.diff(self.far) * (self.tar[1:] + self.tar[:-1]) / 2).sum())

    def eer(self) -> float:
        """Equal error rate: where as many impostors are accepted as genuine pairs are rejected.

        The curve is read between its points by linear interpolation, so the number need not belong to a threshold.
        """
        if not self.defined:
            return float("nan")
        gap = self.far - (1 - self.tar)  # −1 at the start, 1 at the end, never falls
        after = int(np.argmax(gap >= 0))
        low, high = gap[after - 1], gap[after]
        part = -low / (high - low)
        return float(self.far[after - 1] + part * (self.far[after] - self.far[after - 1]))

    def tar_at(self, far: float) -> float:
        """Highest share of genuine pairs accepted by a threshold that accepts at most ``far`` of the impostors.

        No interpolation: the answer is that of a threshold that exists.
        """
        if not self.defined:
            return float("nan")
        return float(self.tar[self.far <= far * (1 + 1e-9)].max())

    def points(self, most: int = 200) -> tuple[list[float], list[float]]:
        """At most ``most`` points (far, tar) that draw the curve: corners kept, spread evenly in both directions."""
        if not self.defined:
            return [], []
        far, tar = self.far, self.tar
        turn = np.ones(len(far), dtype=bool)
        turn[1:-1] = (np.diff(far)[:-1] * np.diff(tar)[1:]) != (np.diff(far)[1:] * np.diff(tar)[:-1])
        keep = np.flatnonzero(turn)
        if len(keep) > most:
            way = (far + tar)[keep]  # rises along the curve, across and upwards alike
            keep = keep[np.unique(np.searchsorted(way, np.linspace(0, 2, most)).clip(max=len(keep) - 1))]
        return far[keep].tolist(), tar[keep].tolist()
