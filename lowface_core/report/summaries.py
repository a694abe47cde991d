"""The summary tables: metrics, identification, verification; one table per data set, a row group per stage."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from lowface_core.report.inputs import Source
from lowface_core.report.tables import Cell, Column, Table, cell, make, number
from lowface_core.report.words import darkened, recogniser
from lowface_core.runs.results import STAGES

COUNTED = "An undetected face is a wrong answer and is counted as one."


def tables(sources: Sequence[Source]) -> list[Table]:
    """Every summary table of the report, in the order of the page."""
    recognition = [*identification(sources), *verification(sources), *changes(sources)]
    return [*quality(sources), *recognition, *pretraining(sources)]


def quality(sources: Sequence[Source]) -> list[Table]:
    """Metrics of evaluations and training runs."""
    return _per_data([s for s in sources if s.judged], lambda s: s.data, "quality", "Metrics", _quality)


def _quality(id: str, caption: str, sources: Sequence[Source]) -> Table:
    columns: dict[str, Column] = {}
    for source in sources:
        facts = source.content["columns"]
        for key in dict.fromkeys(k for row in source.content["table"].values() for k in row):
            told = facts.get(key, {})
            better, variant, unit, source_ = (str(told.get(k) or "") for k in ("better", "variant", "unit", "source"))
            columns.setdefault(key, Column(key, key, better, variant, unit, source_))
    notes = []
    if any(not s.content["columns"] for s in sources):
        notes.append("The run does not say which direction is better, so nothing is marked.")
    if any(s.kind == "training" for s in sources):
        notes.append("Training runs: their closing table on the test set, by the checkpoint they chose.")
    stages = [
        (
            stage,
            [
                (s.name, [cell(s.content["table"][stage].get(key)) for key in columns])
                for s in sources
                if s.content["table"].get(stage)
            ],
        )
        for stage in STAGES
    ]
    return make(id, caption, list(columns.values()), _present(stages), notes)


def identification(sources: Sequence[Source]) -> list[Table]:
    """Rank-1, 5, 10, undetected, and open-set TPIR at each FPIR, with intervals."""
    chosen = [s for s in sources if s.kind == "identification"]
    return _per_data(chosen, conditions, "identification", "Identification", _identification)


def _identification(id: str, caption: str, sources: Sequence[Source]) -> Table:
    ranks = _keys(sources, lambda stage: [k for k in stage if k.startswith("rank")])
    open_set = _keys(sources, lambda stage: [_share(e["fpir"]) for e in stage.get("open_set") or []])
    columns = [
        *(Column(k, f"rank-{k.removeprefix('rank')}", "higher", percent=True) for k in ranks),
        Column("undetected", "undetected", "lower", percent=True),
        *(Column(f"tpir@{at}", f"TPIR at FPIR {at}", "higher", percent=True) for at in open_set),
    ]

    def cells(stage: dict[str, Any]) -> list[Cell]:
        entries = {_share(e["fpir"]): e for e in stage.get("open_set") or []}
        return [
            *(cell(stage.get(k)) for k in (*ranks, "undetected")),
            *(cell(entries.get(at, {}).get("tpir"), entries.get(at, {}).get("note")) for at in open_set),
        ]

    gallery, probes = sources[0].content["gallery"], sources[0].content["probes"]
    notes = [
        f"Gallery: {gallery.get('people', '?')} people, {len(gallery.get('pictures') or [])} pictures, "
        f"{len(gallery.get('undetected') or [])} of them without a detected face; {probes} probes. {COUNTED}",
        *darkened(sources[0].content),
        recogniser(sources[0].content),
    ]
    return make(id, caption, columns, _stages(sources, cells), notes)


def changes(sources: Sequence[Source]) -> list[Table]:
    """What enhancement changed: the paired difference with its interval, and the pictures or pairs gained and lost."""
    captions = {
        "identification": "Identification: gained and lost by enhancement",
        "verification": "Verification: gained and lost by enhancement",
    }
    made = []
    for kind, caption in captions.items():
        chosen = [s for s in sources if s.kind == kind and ("gained" in s.content or "change" in s.content)]
        made += _per_data(chosen, conditions, f"changes-{kind}", caption, _changes)
    return made


def _changes(id: str, caption: str, sources: Sequence[Source]) -> Table:
    key, label = {"identification": ("rank1", "rank-1"), "verification": ("accuracy", "accuracy")}[sources[0].kind]
    columns = [
        Column(f"change {key}", f"change of {label}", "higher", unit="points", percent=True),
        Column("gained", "gained", "higher", unit="count"),
        Column("lost", "lost", "lower", unit="count"),
    ]
    rows = []
    for source in sources:
        change = (source.content.get("change") or {}).get(key)
        gained, lost = (source.content.get(k) for k in ("gained", "lost"))
        counts = [cell(None if keys is None else len(keys)) for keys in (gained, lost)]
        rows.append((source.name, [cell(change), *counts]))
    note = "Gained: right after enhancement, but not before; lost: the reverse."
    return make(id, caption, columns, [("low → enhanced", rows)], [note])


def verification(sources: Sequence[Source]) -> list[Table]:
    """Accuracy, AUC, EER, TAR at each FAR, undetected, with intervals."""
    chosen = [s for s in sources if s.kind == "verification"]
    return _per_data(chosen, conditions, "verification", "Verification", _verification)


def _verification(id: str, caption: str, sources: Sequence[Source]) -> Table:
    fars = _keys(sources, lambda stage: [_share(e["far"]) for e in stage.get("tar") or []])
    columns = [
        Column("accuracy", "accuracy", "higher", percent=True),
        Column("auc", "AUC", "higher", percent=True),
        Column("eer", "EER", "lower", percent=True),
        *(Column(f"tar@{at}", f"TAR at FAR {at}", "higher", percent=True) for at in fars),
        Column("undetected", "undetected", "lower", percent=True),
    ]

    def cells(stage: dict[str, Any]) -> list[Cell]:
        entries = {_share(e["far"]): e for e in stage.get("tar") or []}
        return [
            *(cell(stage.get(k)) for k in ("accuracy", "auc", "eer")),
            *(cell(entries.get(at, {}).get("tar"), entries.get(at, {}).get("note")) for at in fars),
            cell(stage.get("undetected")),
        ]

    pairs = sources[0].content["pairs"]
    notes = [
        f"{pairs.get('genuine', '?')} genuine and {pairs.get('impostor', '?')} impostor pairs. {COUNTED}",
        *darkened(sources[0].content),
        recogniser(sources[0].content),
    ]
    return make(id, caption, columns, _stages(sources, cells), notes)


def pretraining(sources: Sequence[Source]) -> list[Table]:
    """Scores of pretrained heads, as their task names them; a task does not say which direction is better."""
    chosen = [s for s in sources if s.kind == "pretraining" and s.content.get("scores")]
    scores = [dict(_flat(source.content["scores"])) for source in chosen]
    columns = [Column(key, key) for key in dict.fromkeys(k for row in scores for k in row)]
    rows = [(s.name, [cell(row.get(c.key)) for c in columns]) for s, row in zip(chosen, scores, strict=True)]
    return [make("pretraining", "Pretrained heads", columns, [("test set", rows)])] if columns else []


def _flat(scores: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, float]]:
    for key, value in scores.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{key}/")
        elif (told := number(value)) is not None:
            yield f"{path}{key}", told


def _per_data(
    sources: Sequence[Source],
    condition: Callable[[Source], str],
    id: str,
    caption: str,
    build: Callable[[str, str, Sequence[Source]], Table],
) -> list[Table]:
    """A table for each condition (data, protocol); numbers of different data are never ranked together."""
    made = []
    groups = families(sources, condition)
    for place, members in enumerate(groups, 1):
        count = members[0].content.get("pictures")
        about = f"{count} pictures" if count else ""
        which = f"data set {place} of {len(groups)}" if len(groups) > 1 else ""
        detail = ", ".join(t for t in (which, about) if t)
        table_id = id if place == 1 else f"{id}-{place}"
        made.append(build(table_id, f"{caption} ({detail})" if detail else caption, members))
    return made


def conditions(source: Source) -> str:
    """Equal for recognition results that differ in nothing but the method: their numbers may be ranked together."""
    told = {k: source.content.get(k) for k in ("data", "recogniser", "pairs", "probes")}
    told["protocol"] = {k: v for k, v in (source.content.get("protocol") or {}).items() if k != "enhancer"}
    return json.dumps(told, sort_keys=True, default=str)


def families(sources: Sequence[Source], condition: Callable[[Source], str]) -> list[list[Source]]:
    """Sources of equal condition together, in the order of their first."""
    found: dict[str, list[Source]] = {}
    for source in sources:
        found.setdefault(condition(source), []).append(source)
    return list(found.values())


def _keys(sources: Iterable[Source], keys: Callable[[dict[str, Any]], Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(k for s in sources for stage in s.content["stages"].values() for k in keys(stage)))


def _stages(
    sources: Sequence[Source], cells: Callable[[dict[str, Any]], list[Cell]]
) -> list[tuple[str, list[tuple[str, list[Cell]]]]]:
    return _present(
        [
            (
                stage,
                [(s.name, cells(s.content["stages"][stage])) for s in sources if stage in s.content["stages"]],
            )
            for stage in STAGES
        ]
    )


def _present(
    stages: list[tuple[str, list[tuple[str, list[Cell]]]]],
) -> list[tuple[str, list[tuple[str, list[Cell]]]]]:
    return [(stage, rows) for stage, rows in stages if rows]


def _share(value: Any) -> str:
    """A rate as people write it: ``0.01``, ``1e-4``."""
    return f"{float(value):g}".replace("e-0", "e-")
