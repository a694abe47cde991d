"""The report's charts: training curves, curves by stage, before and after, brightness, each with its data as rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from markupsafe import Markup
from PIL import Image

from lowface_core.data.luma import FULL_RANGE
from lowface_core.report import svg
from lowface_core.report.inputs import Source
from lowface_core.report.svg import Points, Series, dots, macros
from lowface_core.report.tables import Cell, Column, cell, number
from lowface_core.runs.results import STAGES

if TYPE_CHECKING:
    from lowface_core.report.galleries import Gallery

T = TypeVar("T")
#: Points a line keeps, and rows of its data table: enough for the eye, and the page stays small.
POINTS, ROWS = 240, 40
#: Of a histogram of brightness.
BINS = 32


@dataclass(frozen=True)
class Chart:
    """A drawn chart: title, picture, legend, and the same numbers as rows."""

    title: str
    picture: Markup
    legend: tuple[tuple[Markup, str], ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass
class Section:
    """Charts under one heading."""

    title: str
    note: str = ""
    charts: list[Chart] = field(default_factory=list)


def tones(names: Iterable[str]) -> dict[str, str]:
    """Colour class by method: the same method has the same colour in every chart."""
    return {name: f"m{i}" for i, name in enumerate(dict.fromkeys(names))}


def training(sources: Sequence[Source]) -> list[Section]:
    """Curves of training runs: a chart per loss and per metric, all runs in it."""
    runs = [s for s in sources if s.lines]
    tone = tones(run.name for run in runs)
    sections = [
        Section("Losses", "Means over the iterations between two lines of metrics.jsonl; the total is weighted."),
        Section("Validation", "Each metric on the low, the enhanced and the normal pictures of the validation set."),
        Section("Learning rate and other numbers"),
    ]
    trained = [line for run in runs for line in run.lines if line.get("split") == "train"]
    keys = dict.fromkeys((line.get("phase"), k) for line in trained for k in line)
    plain = [(phase, k) for phase, k in keys if k not in ("iter", "split", "phase")]
    for phase, key in sorted(plain, key=lambda k: (k[1] != "loss/total", k[1] != "lr")):  # these two first
        title, y_label = {"lr": ("learning rate", ""), "loss/total": ("total", "weighted sum")}.get(
            key, (key.removeprefix("loss/"), "unweighted" if key.startswith("loss/") else "")
        )
        title = f"{title}, {phase} learning" if phase else title
        lines = [Series(run.name, _points(run, "train", key, phase), tone[run.name]) for run in runs]
        section = sections[0] if key.startswith("loss/") else sections[2]
        section.charts.append(draw(title, lines, "iteration", y_label))
    tested = dict.fromkeys(k for run in runs for line in run.lines if line.get("split") == "val" for k in line)
    for metric in dict.fromkeys(k.partition("/")[2] for k in tested if k.partition("/")[0] in STAGES and "/" in k):

        def points(run: Source, stage: str, metric: str = metric) -> Points:
            return _points(run, "val", f"{stage}/{metric}")

        lines = by_stage(runs, points, tone)
        columns = (r.content["columns"][metric] for r in runs if metric in r.content["columns"])
        sections[1].charts.append(draw(metric, lines, "iteration", Column.of(metric, next(columns, {})).heading))
    return [section for section in sections if section.charts]


def before_after(sources: Sequence[Source], key: str, title: str) -> Chart | None:
    """One share of every method on the low, the enhanced and the normal pictures, with its intervals.

    Args:
        key: of the number in a result's ``stages``; None comes back where no result has it.
    """
    rows = []
    for source in sources:
        cells = {stage: cell(source.content["stages"].get(stage, {}).get(key)) for stage in STAGES}
        rows.append((source.name, {stage: c for stage, c in cells.items() if c.value is not None}))
    if not any(cells for _, cells in rows):
        return None
    words = "; ".join(f"{name}: {', '.join(f'{s} {_percent(c)}' for s, c in cells.items())}" for name, cells in rows)
    picture = dots(rows, f"{title}: {words}")
    legend = tuple(
        (macros("svg.html.j2").marker(stage), stage) for stage in STAGES if any(stage in cells for _, cells in rows)
    )
    table = tuple((name, *(_percent(cells[s]) if s in cells else "–" for s in STAGES)) for name, cells in rows)
    return Chart(title, picture, legend, ("method", *STAGES), table, "Per cent; bars are 95 % intervals.")


def _percent(c: Cell) -> str:
    bounds = f" [{c.low * 100:.1f}, {c.high * 100:.1f}]" if c.low is not None and c.high is not None else ""
    return f"{(c.value or 0) * 100:.1f}{bounds}"


def by_stage(sources: Sequence[Source], points: Callable[[Source, str], Points], names: Iterable[str]) -> list[Series]:
    """Lines of every method and stage; low and normal are drawn once where they are the same for all methods.

    Args:
        points: the points of a source's line in a stage.
        names: all methods of the report, in the order of their colours.
    """
    tone = tones(names)
    lines: list[Series] = []
    for stage in STAGES:
        drawn = [(s, p) for s in sources for p in [points(s, stage)] if any(y is not None for _, y in p)]
        same = len({p for _, p in drawn}) == 1
        if len(sources) == 1:
            lines += [Series(stage, p, stage, stage) for _, p in drawn]
        elif same and stage != "enhanced":
            lines.append(Series(f"{stage}, all methods", drawn[0][1], stage, stage))
        else:
            lines += [Series(f"{s.name}, {stage}", p, tone.get(s.name, "m0"), stage) for s, p in drawn]
    return lines


def draw(
    title: str,
    lines: Sequence[Series],
    x_label: str,
    y_label: str,
    log_x: bool = False,
    y_range: tuple[float, float] | None = None,
    x_range: tuple[float, float] | None = None,
    note: str = "",
) -> Chart:
    """A chart of lines, thinned, with legend, description and data table."""
    lines = [Series(s.name, thinned(s.points, POINTS), s.tone, s.stage) for s in lines if s.defined]
    label = f"{title}: {y_label or title} over {x_label}. " + " ".join(_words(s) for s in lines)
    legend = tuple((macros("svg.html.j2").swatch(*s.look), s.name) for s in lines) if len(lines) > 1 else ()
    head, rows = _table(lines, x_label)
    return Chart(title, svg.chart(lines, x_label, y_label, log_x, y_range, x_range, label), legend, head, rows, note)


def _words(line: Series) -> str:
    """A line in words."""
    (_, first), (_, last), values = line.defined[0], line.defined[-1], [y for _, y in line.defined]
    if len(values) == 1:
        return f"{line.name}: {first:.4g}."
    return f"{line.name}: from {first:.4g} to {last:.4g}, between {min(values):.4g} and {max(values):.4g}."


def thinned(items: Sequence[T], most: int) -> tuple[T, ...]:
    """At most so many of the items, evenly chosen, the first and the last among them."""
    if len(items) <= most:
        return tuple(items)
    step = (len(items) - 1) / (most - 1)
    return tuple(items[round(i * step)] for i in range(most))


def _table(lines: Sequence[Series], x_label: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """One column per line where lines share their x, else x and y of each line below one another."""
    xs = sorted({x for line in lines for x, _ in line.points})
    by_x: list[dict[float, Any]] = [dict(line.points) for line in lines]
    if all(set(points) == set(xs) for points in by_x) or len(xs) <= ROWS:
        rows = tuple((f"{x:g}", *(_text(points.get(x)) for points in by_x)) for x in thinned(xs, ROWS))
        return (x_label, *(line.name for line in lines)), rows
    long = [(line.name, f"{x:.4g}", _text(y)) for line in lines for x, y in thinned(line.points, ROWS // 2)]
    return ("line", x_label, "value"), tuple(long)


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _points(run: Source, split: str, key: str, phase: str | None = None) -> Points:
    lines = (line for line in run.lines if line.get("split") == split and line.get("phase") == phase)
    return tuple((line["iter"], number(line[key])) for line in lines if key in line)


def histogram(images: Sequence[Image.Image]) -> tuple[np.ndarray, float]:
    """Share of pixels per bin of brightness, and the mean brightness.

    Brightness is Rec. 601 luma of the pixel values, Y = 0.299 R + 0.587 G + 0.114 B, in [0,1].

    Args:
        images: RGB; every picture weighs the same, however many pixels it has.
    """
    shares, means = [], []
    for image in images:
        grey = np.asarray(image.convert("RGB"), dtype=np.float64) @ FULL_RANGE / 255
        counts, _ = np.histogram(grey, bins=BINS, range=(0.0, 1.0 + 1e-9))
        shares.append(counts / grey.size)
        means.append(float(grey.mean()))
    return np.mean(shares, axis=0), float(np.mean(means))


def brightness(gallery: Gallery, tones: Mapping[str, str]) -> Chart | None:
    """One chart for the pictures of a gallery; None when it has none.

    Args:
        tones: colour class by method.
    """
    lines: list[Series] = []
    means: list[int] = []
    for name, images in gallery.images.items():
        if name == "illumination":
            continue
        share, mean = histogram(images)
        centres = (np.arange(BINS) + 0.5) / BINS
        method = name.removeprefix("enhanced by ")
        tone = name if name in ("low", "enhanced", "normal") else tones.get(method, f"m{len(lines)}")
        stage = name if name in ("low", "normal") else "enhanced"
        points = tuple((float(x), float(y) * 100) for x, y in zip(centres, share, strict=True))
        lines.append(Series(f"{name} (mean {mean:.2f})", points, tone, stage))
        means.append(len(images))
    if not lines:
        return None
    note = (
        f"Rec. 601 luma of all pixels of the {max(means)} pictures shown under “{gallery.title}”, as thumbnails; "
        f"{BINS} bins, every picture weighs the same."
    )
    return draw(gallery.title, lines, "brightness", "% of pixels", x_range=(0.0, 1.0), note=note)
