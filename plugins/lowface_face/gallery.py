"""A dataset's gallery, encoded: one embedding per identity, the columns that probes are compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lowface_core.errors import LowfaceError

from .gallery_cache import GalleryCache, picture_key

#: Pictures encoded at once.
BATCH = 32


@dataclass
class Gallery:
    """Encoded gallery.

    Attributes:
        embedding: (F,D) of unit length.
        identity: (F,) int64, the identity of each row.
    """

    embedding: Tensor
    identity: Tensor


def encode_gallery(
    items: Iterable[dict[str, Any]], run: Callable[..., Any], name: str, cache: GalleryCache | None = None
) -> Gallery:
    """Encodes gallery pictures, those of one size together, and keeps their order.

    Args:
        items: what :meth:`lowface_core.data.dataset.Dataset.gallery` yields.
        run: calls the face head without gradients: ``run(image, normal=…, landmarks=…, box=…, key=…)``.
        name: the dataset's class, for messages.
        cache: where embeddings of an earlier run may be, and are kept for the next one.

    Raises:
        LowfaceError: the gallery is empty, or a picture in it shows no face: recognition against such a gallery would
            be wrong for that identity, so this stops the run and names the pictures.
    """
    rows: dict[int, Tensor] = {}
    keys: dict[int, str] = {}
    identities: list[int] = []
    lost: list[str] = []
    waiting: dict[tuple[int, ...], list[tuple[int, dict[str, Any]]]] = {}

    def encode(group: list[tuple[int, dict[str, Any]]]) -> None:
        image = torch.stack([torch.as_tensor(item["normal"], dtype=torch.float32) for _, item in group])
        names: dict[str, Any] = {"normal": image, "key": [str(item.get("key", index)) for index, item in group]}
        for optional in ("landmarks", "box"):
            if all(item.get(optional) is not None for _, item in group):
                values = [torch.as_tensor(item[optional], dtype=torch.float32) for _, item in group]
                names[optional] = torch.stack(values)
        match = run(image, **names)
        for (index, _), key, row, found in zip(group, names["key"], match.embedding, match.found.tolist(), strict=True):
            rows[index] = row.detach()
            if not found:
                lost.append(key)

    for index, item in enumerate(items):
        identities.append(int(item["identity"]))
        if cache is not None:
            keys[index] = picture_key(item)
            row = cache.get(keys[index])
            if row is not None:
                rows[index] = row
                continue
        size = tuple(item["normal"].shape)
        group = waiting.setdefault(size, [])
        group.append((index, item))
        if len(group) == BATCH:
            encode(waiting.pop(size))
    for group in waiting.values():
        encode(group)
    if not rows:
        raise LowfaceError(
            f"{name}: its gallery is empty; recognition needs a dataset whose gallery() yields a picture per identity"
        )
    if lost:
        more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
        count = f"{len(lost)} gallery picture{'s' if len(lost) > 1 else ''}"
        raise LowfaceError(
            f"{name}: no face found in {count}: {', '.join(lost[:5])}{more}; "
            "replace or remove them, or lower the detector's confidence"
        )
    if cache is not None:
        cache.keep({keys[index]: row for index, row in rows.items()})
    device = next((row.device for row in rows.values() if row.device.type != "cpu"), torch.device("cpu"))
    order = [rows[index].to(device) for index in range(len(identities))]
    return Gallery(torch.stack(order), torch.tensor(identities, device=device))
