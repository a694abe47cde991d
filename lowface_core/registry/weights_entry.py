"""What a plugin says of weights that ``weights=`` may ask for by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Named weights of a component: ``weights={"imagenet": lf.Weights(url="https://…", sha256="…", licence="MIT")}``.

    With neither ``url`` nor ``file`` they are fetched by hand: ``source`` says from where, ``filename`` what the file
    is called there. A dict of the same keys will do as well.

    Attributes:
        url: ``http://``, ``https://`` or ``file://`` address.
        sha256: of the file, or its first digits.
        size: of the file, in bytes.
        licence, source: as texts, for whoever decides whether to use them.
        filename: what their publisher calls the file.
        file: path inside the plugin's package, or inside ``package``.
        package: import name of another installed package that ships ``file``.
        record: JSON file in the plugin's package that says how shipped weights were made.
        arguments: keyword defaults that the component needs with them.
    """

    url: str | None = None
    sha256: str | None = None
    size: int | None = None
    licence: str | None = None
    source: str | None = None
    filename: str | None = None
    file: str | None = None
    package: str | None = None
    record: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """What was stated, as plain data."""
        return {key: value for key, value in vars(self).items() if value not in (None, {})}
