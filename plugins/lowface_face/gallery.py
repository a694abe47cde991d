"""A dataset's gallery, encoded: one embedding per identity, the columns that probes are compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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


@dataclass
class Encoded:
    """Encoded pictures, in the order given.

    Attributes:
        embedding: (N,D) of unit length; zero where no face was found.
        identity: (N,) int64.
        found: (N,) bool.
        keys: names of the pictures.
        contents: what each is known by in a :class:`GalleryCache`; empty texts without one.
    """

    embedding: Tensor
    identity: Tensor
    found: Tensor
    keys: list[str]
    contents: list[str]

    def __len__(self) -> int:
        return len(self.keys)


def encode_pictures(
    items: Iterable[Mapping[str, Any]],
    run: Callable[..., Any],
    picture: str = "normal",
    cache: GalleryCache | None = None,
    batch: int = BATCH,
) -> Encoded:
    """Encodes pictures of known people, those of one size together.

    Args:
        items: have ``normal`` and ``identity``, and may have ``landmarks``, ``box`` and ``key``.
        run: calls a face head without gradients: ``run(image, normal=…, landmarks=…, box=…, key=…)``.
        picture: which picture of an item is encoded.
        cache: where embeddings of an earlier run may be.
        batch: pictures encoded at once.
    """
    rows: dict[int, tuple[Tensor, bool]] = {}  # embedding, and whether a face was found
    facts: list[tuple[str, str, int]] = []  # key, content and identity
    waiting: dict[tuple[int, ...], list[tuple[int, Mapping[str, Any]]]] = {}

    def encode(group: list[tuple[int, Mapping[str, Any]]]) -> None:
        def stacked(name: str) -> Tensor:
            return torch.stack([torch.as_tensor(item[name], dtype=torch.float32) for _, item in group])

        optional = [n for n in ("landmarks", "box") if all(item.get(n) is not None for _, item in group)]
        names = {name: stacked(name) for name in ("normal", *optional)}
        match = run(stacked(picture), **names, key=[facts[index][0] for index, _ in group])
        for (index, _), row, seen in zip(group, match.embedding, match.found.tolist(), strict=True):
            rows[index] = row.detach(), seen

    for index, item in enumerate(items):
        content = "" if cache is None else picture_key(item)
        facts.append((str(item.get("key", index)), content, int(item["identity"])))
        known = None if cache is None else cache.get(content)
        if known is not None:
            rows[index] = known, True
            continue
        size = tuple(item[picture].shape)
        group = waiting.setdefault(size, [])
        group.append((index, item))
        if len(group) == batch:
            encode(waiting.pop(size))
    for group in waiting.values():
        encode(group)
    device = next((row.device for row, _ in rows.values() if row.device.type != "cpu"), torch.device("cpu"))
    order = [rows[index] for index in range(len(facts))]
    return Encoded(
        torch.stack([row.to(device) for row, _ in order]) if order else torch.zeros(0, 0),
        torch.tensor([identity for _, _, identity in facts], dtype=torch.int64, device=device),
        torch.tensor([seen for _, seen in order], dtype=torch.bool, device=device),
        [key for key, _, _ in facts],
        [content for _, content, _ in facts],
    )


def encode_gallery(
    items: Iterable[Mapping[str, Any]], run: Callable[..., Any], name: str, cache: GalleryCache | None = None
) -> Gallery:
    """Encodes a gallery and keeps its order.

    Args:
        items: what :meth:`lowface_core.data.dataset.Dataset.gallery` yields.
        run: see :func:`encode_pictures`.
        name: the dataset's class, for messages.
        cache: where embeddings of an earlier run may be, and are kept for the next one.

    Raises:
        LowfaceError: the gallery is empty, or a picture in it shows no face: recognition against such a gallery would
            be wrong for that identity, so this stops the run and names the pictures.
    """
    encoded = encode_pictures(items, run, cache=cache)
    if not len(encoded):
        raise LowfaceError(
            f"{name}: its gallery is empty; recognition needs a dataset whose gallery() yields a picture per identity"
        )
    lost = [key for key, seen in zip(encoded.keys, encoded.found.tolist(), strict=True) if not seen]
    if lost:
        more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
        count = f"{len(lost)} gallery picture{'s' if len(lost) > 1 else ''}"
        raise LowfaceError(
            f"{name}: no face found in {count}: {', '.join(lost[:5])}{more}; "
            "replace or remove them, or lower the detector's confidence"
        )
    if cache is not None:
        cache.keep(dict(zip(encoded.contents, encoded.embedding, strict=True)))
    return Gallery(encoded.embedding, encoded.identity)
