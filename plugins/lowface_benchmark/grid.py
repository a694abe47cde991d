"""The samples of a benchmark as a grid: rows are pictures, columns methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowface_benchmark.plan import NORMAL, UNTOUCHED, cell_folder
from lowface_core.errors import LowfaceError
from lowface_core.report.album import Shot
from lowface_core.report.galleries import Card, Gallery, thumbnails
from lowface_core.report.inputs import read

if TYPE_CHECKING:
    from PIL import Image

    from lowface_core.report.album import Album
    from lowface_core.report.inputs import Source

#: Rows of a data set's grid.
ROWS = 4


def grids(source: Source, album: Album) -> list[Gallery]:
    """A grid for each data set; cells whose folders have gone are left out."""
    made: list[Gallery] = []
    for name in source.content["datasets"]:
        columns = [(UNTOUCHED, UNTOUCHED, "low"), *((m, m, "enhanced") for m in source.content["methods"])]
        columns.append((NORMAL, UNTOUCHED, "normal"))
        pictures = {title: _samples(source, name, method, stage) for title, method, stage in columns}
        keys = list(pictures[UNTOUCHED])
        keys = keys[:: max(len(keys) // ROWS, 1)][:ROWS]
        gallery = Gallery(
            f"grid-{len(made) + 1}", f"{source.title}: {name}", "Rows: pictures; columns: methods.", wide=True
        )
        for key in keys:
            shown = {title: images[key] for title, images in pictures.items() if key in images}
            shots = [album.add(Shot(image, f"{key}: {title}", title)) for title, image in shown.items()]
            gallery.cards.append(Card(key, tuple(shots)))
        made += [gallery] if gallery.cards else []
    return made


def _samples(source: Source, dataset: str, method: str, stage: str) -> dict[str, Image.Image]:
    """Sample pictures of a cell by key, in one stage."""
    try:
        cell = read(cell_folder(source.path, dataset, method))
    except LowfaceError:
        return {}
    shown = {p.key: thumbnails(cell, p) for p in cell.pictures if p.group == "sample"}
    return {key: images[stage] for key, images in shown.items() if stage in images}
