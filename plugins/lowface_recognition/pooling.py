"""One embedding of many pictures of a person: the mean over each photograph or video first, then over these."""

from __future__ import annotations

import numpy as np

from lowface_recognition.encoding import Encoded


def pooled(encoded: Encoded, template: np.ndarray, media: np.ndarray, count: int) -> Encoded:
    """Templates' embeddings of pictures' embeddings, by IJB's rule.

    Whitelam et al., IARPA Janus Benchmark-B Face Dataset, CVPR Workshops 2017, and the evaluation that comes with
    insightface: pictures of one medium are averaged, the media of a template are averaged, and the sum is brought to
    unit length, so that a long video counts as much as one photograph. Pictures without a face have no part.

    Args:
        encoded: of P pictures.
        template: (P,) which of the templates each is of.
        media: (P,) which medium; numbers mean something within a template only.
        count: number of templates.

    Returns:
        (count,D) float32; a template none of whose pictures shows a face is zero and not found.
    """
    seen = np.flatnonzero(encoded.found)
    keys, medium = np.unique(np.stack([template[seen], media[seen]], 1), axis=0, return_inverse=True)
    medium = medium.reshape(-1)  # numpy 2.0 alone gives it a second axis
    means = np.zeros((len(keys), encoded.embedding.shape[1]))
    np.add.at(means, medium, encoded.embedding[seen].astype(np.float64))
    means /= np.bincount(medium, minlength=len(keys))[:, None]
    total = np.zeros((count, means.shape[1]))
    np.add.at(total, keys[:, 0], means)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return Encoded((total / np.maximum(length, 1e-12)).astype(np.float32), length[:, 0] > 0)
