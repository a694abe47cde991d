"""Picture grids: samples of all methods side by side, failures, and the samples of training runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from lowface_core.data.depth import to_bytes
from lowface_core.data.images import read_image
from lowface_core.report.album import Album, Shot
from lowface_core.report.charts import thinned
from lowface_core.report.inputs import PICTURES as FOLDER
from lowface_core.report.inputs import Source, grouped
from lowface_core.report.tables import number
from lowface_core.runs.panel_file import Layout, read_sheet
from lowface_core.runs.result_schema import STAGES, Picture

STEPS_SHOWN = 6
#: Pictures of results a page has room for at a size worth looking at.
PICTURES = 600


@dataclass(frozen=True)
class Card:
    """One picture in all its versions, with its numbers."""

    title: str
    shots: tuple[Shot, ...]
    numbers: str = ""
    note: str = ""


@dataclass
class Gallery:
    """Cards under one heading; ``images`` are its pictures by stage name, for histograms.

    ``wide``: each card is a row of the same columns, however many they are.
    """

    id: str
    title: str
    note: str = ""
    cards: list[Card] = field(default_factory=list)
    images: dict[str, list[Image.Image]] = field(default_factory=dict)
    wide: bool = False


def thumbnails(source: Source, picture: Picture) -> dict[str, Image.Image]:
    """The picture by stage, RGB, 8 bit.

    Raises:
        DataError: a file cannot be read.
    """
    files = {stage: source.path / FOLDER / picture.stages[stage] for stage in STAGES if stage in picture.stages}
    return {stage: Image.fromarray(to_bytes(read_image(file)).transpose(1, 2, 0)) for stage, file in files.items()}


def most_cards(sources: Sequence[Source]) -> int:
    """How many pictures of a group each result may show, so that the page has room for all of them."""
    groups = Counter((i, p.group) for i, source in enumerate(sources) for p in source.pictures)
    for most in (max(groups.values(), default=0), 12, 8, 6, 4, 3):
        if sum(min(count, most) for count in groups.values()) * len(STAGES) <= PICTURES:
            return most
    return 2


def samples(sources: Sequence[Source], album: Album) -> list[Gallery]:
    """A gallery per data set: each sample picture as low, enhanced by every method, and normal."""
    galleries, most = [], most_cards(sources)
    shown = [source for source in sources if any(p.group == "sample" for p in source.pictures)]
    for place, members in enumerate(grouped(shown, lambda source: (source.kind, source.content["data"])), 1):
        names = ", ".join(source.name for source in members)
        who = f"Low, enhanced by {names}, and normal, of the same pictures." if len(members) > 1 else f"By {names}."
        gallery = Gallery(f"samples-{place}", f"Samples of the {members[0].kind}", who)
        by_key: dict[str, list[tuple[Source, Picture]]] = {}
        for source in members:
            for picture in source.pictures:
                if picture.group == "sample":
                    by_key.setdefault(picture.key, []).append((source, picture))
        for key, entries in list(by_key.items())[:most]:
            gallery.cards.append(_side_by_side(key, entries, len(members) > 1, gallery, album))
        galleries.append(gallery)
    return galleries


def _side_by_side(
    key: str, entries: Sequence[tuple[Source, Picture]], several: bool, gallery: Gallery, album: Album
) -> Card:
    images = [thumbnails(source, picture) for source, picture in entries]
    shots: list[Shot] = []
    lines: list[str] = []
    for stage in STAGES:
        for (source, picture), by_stage in zip(entries, images, strict=True):
            if stage not in by_stage or (stage != "enhanced" and any(s.caption == stage for s in shots)):
                continue
            numbers = _numbers(picture) if stage == "enhanced" else ""
            method = several and stage == "enhanced"
            what = f"enhanced by {source.name}" if stage == "enhanced" else stage
            gallery.images.setdefault(what if method else stage, []).append(by_stage[stage])
            alt = f"{key}: {what}" + (f"; {numbers}" if numbers else "")
            shots.append(album.add(Shot(by_stage[stage], alt, source.name if method else stage)))
            if numbers:
                lines.append(f"{source.name}: {numbers}" if several else numbers)
    notes = [f"{source.name}: {p.note}" if several else p.note for source, p in entries if p.note]
    return Card(key, tuple(shots), "\n".join(lines), "\n".join(dict.fromkeys(notes)))


def failures(sources: Sequence[Source], album: Album) -> list[Gallery]:
    """A gallery per method and group of its kind of result, such as the worst pictures."""
    galleries: list[Gallery] = []
    most = most_cards(sources)
    for source in sources:
        for group, (title, note) in source.report.groups.items():
            pictures = [p for p in source.pictures if p.group == group]
            if not pictures:
                continue
            heading = f"{title}: {source.name} ({source.kind})"
            keys = source.content.get(group)  # a result may list the keys of a group
            total, shown = max(len(keys) if isinstance(keys, list) else 0, len(pictures)), min(len(pictures), most)
            note += f" {shown} of {total} are shown." if total > shown else ""
            gallery = Gallery(f"failures-{len(galleries) + 1}", heading, note)
            for picture in pictures[:most]:
                numbers, remark = _numbers(picture), picture.note or ""
                after = "".join(f"; {text}" for text in (numbers, remark) if text)
                shots = [
                    album.add(Shot(image, f"{picture.key}: {stage}, {source.name}{after}", stage))
                    for stage, image in thumbnails(source, picture).items()
                ]
                gallery.cards.append(Card(picture.key, tuple(shots), numbers, remark))
            galleries.append(gallery)
    return galleries


def training(sources: Sequence[Source], album: Album) -> list[Gallery]:
    """The last sample panel of each run, taken apart, and how it changed during training."""
    galleries: list[Gallery] = []
    for source in (source for source in sources if source.panels):
        place, (sheet, layout, when) = len(galleries) + 1, _panel(source.panels[-1])
        gallery = Gallery(f"training-{place}", f"Training samples: {source.name}", f"At {when}.")
        for row, cells in enumerate(layout.cells(sheet), 1):
            shots = []
            for name, image in cells.items():
                gallery.images.setdefault(name, []).append(image)
                shots.append(album.add(Shot(image, f"{source.name}, sample {row}: {name}, {when}", name)))
            gallery.cards.append(Card(f"sample {row}", tuple(shots)))
        if not gallery.cards:
            gallery.cards.append(_whole(source, source.panels[-1], album))
        galleries.append(gallery)
        if len(source.panels) > 1:
            cards = [_whole(source, early, album) for early in thinned(source.panels, STEPS_SHOWN)]
            title = f"During training: {source.name}"
            galleries.append(Gallery(f"steps-{place}", title, "The whole panel, from early to late.", cards))
    return galleries


def _panel(path: Path) -> tuple[Image.Image, Layout, str]:
    """A panel, where its pictures are, and when it was drawn."""
    sheet, layout = read_sheet(path)
    return sheet, layout, path.stem if layout.iteration is None else f"iteration {layout.iteration}"


def _whole(source: Source, path: Path, album: Album) -> Card:
    sheet, layout, when = _panel(path)
    columns = ", ".join(layout.rows[0].boxes) if layout.rows else "samples"
    return Card(when, (album.add(Shot(sheet, f"{source.name}, {when}: panel of {columns}", "panel", scale=2.0)),))


def _numbers(picture: Picture) -> str:
    numbers = ((name, number(value)) for name, value in (picture.numbers or {}).items())
    return ", ".join(f"{name} {value:.4g}" for name, value in numbers if value is not None)
