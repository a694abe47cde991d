"""Results as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lowface_core.evaluation.text_table import ABSENT, aligned

NAMES = {"rank1": "rank-1", "rank5": "rank-5", "rank10": "rank-10", "undetected": "undetected"}
SHOWN = 5


def identification_text(result: Mapping[str, Any]) -> str:
    """Stages, change and what was gained and lost of an identification."""
    gallery, stages = result["gallery"], result["stages"]
    faceless, repeats = len(gallery["undetected"]), result["protocol"]["repeats"]
    head = (
        f"{result['title']}: {result['probes']} probes{f' x {repeats} darkenings' if repeats > 1 else ''}, "
        f"{gallery['people']} people in the gallery"
        + (f", {faceless} gallery pictures without a face" if faceless else "")
        + "; per cent, 95 % intervals over people"
    )
    columns = list(NAMES)
    opened = [entry["fpir"] for entry in next(iter(stages.values()))["open_set"]]
    header = [*NAMES.values(), *(f"TPIR at FPIR {fpir:g}" for fpir in opened)]
    rows = {}
    for stage, figures in stages.items():
        rows[stage] = [_cell(figures[name]) for name in columns]
        rows[stage] += [_cell(entry["tpir"]) for entry in figures["open_set"]]
    notes = {entry["note"] for figures in stages.values() for entry in figures["open_set"] if entry["note"]}
    lines = [head, *aligned(header, rows), *(f"TPIR: {note}" for note in sorted(notes)), *_absent(stages)]
    if "change" in result:
        lines.append(_change(result["change"]["rank1"], "rank-1"))
    return "\n".join(lines + _moved(result))


def verification_text(result: Mapping[str, Any]) -> str:
    """Stages of a verification."""
    pairs, stages = result["pairs"], result["stages"]
    head = (
        f"{result['title']}: {pairs['genuine']} genuine and {pairs['impostor']} impostor pairs, darkened: "
        f"{result['protocol']['darkened']}; per cent, 95 % intervals over people"
    )
    first = next(iter(stages.values()))
    header = ["accuracy", "AUC", "EER", "undetected", *(f"TAR at FAR {entry['far']:g}" for entry in first["tar"])]
    rows = {}
    for stage, figures in stages.items():
        rows[stage] = [_cell(figures[name]) for name in ("accuracy", "auc", "eer", "undetected")]
        rows[stage] += [_cell(entry["tar"]) for entry in figures["tar"]]
    notes = [f"TAR at FAR {entry['far']:g}: {entry['note']}" for entry in first["tar"] if entry["note"]]
    lines = [head, *aligned(header, rows), *notes, *_absent(stages)]
    if "change" in result:
        lines.append(_change(result["change"]["accuracy"], "accuracy"))
    return "\n".join(lines + _moved(result))


def _cell(number: Mapping[str, Any] | None) -> str:
    if number is None or number["value"] is None:
        return ABSENT
    if number["low"] is None:
        return f"{100 * number['value']:.1f}"
    return f"{100 * number['value']:.1f} ({100 * number['low']:.1f}–{100 * number['high']:.1f})"


def _absent(stages: Mapping[str, Any]) -> list[str]:
    out = []
    if "normal" not in stages:
        out.append("normal: absent; the normal-light pictures are not known (--normal DIR gives them)")
    if "enhanced" not in stages:
        out.append("enhanced: absent; no --enhancer was given")
    return out


def _change(number: Mapping[str, Any], name: str) -> str:
    text = f"change by enhancement: {name} {100 * number['value']:+.1f} points"
    if number["low"] is not None:
        text += f" ({100 * number['low']:+.1f} to {100 * number['high']:+.1f})"
    return text


def _moved(result: Mapping[str, Any]) -> list[str]:
    """What was gained and lost, the first few by name."""
    if "enhanced" not in result["stages"]:
        return []
    lines = []
    for word in ("gained", "lost"):
        keys = result[word]
        some = ", ".join(keys[:SHOWN]) + (" …" if len(keys) > SHOWN else "")
        lines.append(f"{word}: {len(keys)}" + (f" ({some})" if keys else ""))
    return lines
