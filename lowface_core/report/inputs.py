"""Reading the folders a report is made of: training runs, and results of any kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from lowface_core.errors import ConfigError, DataError
from lowface_core.files import json_of
from lowface_core.report.result_report import PretrainingReport, ResultReport
from lowface_core.runs.result_schema import Picture, PictureIndex, schema_faults
from lowface_core.runs.results import (
    EVALUATION,
    RESULT,
    SUMMARY,
    check_comparable,
    find_kind,
    read_json,
    read_result,
    training_result,
)

MANIFEST, METRICS, RECORD = "manifest.json", "metrics.jsonl", "record.json"
PRETRAINING = "pretraining"
#: Folder of a result's thumbnails.
PICTURES = "pictures"


@dataclass
class Source:
    """One folder of the report.

    Attributes:
        kind: ``training``, ``pretraining``, or the kind of its result.
        family: the kind of result whose tables it stands in; training runs stand beside evaluations.
        content: the result as written; a training run's closing table in the form of an evaluation.
        report: how it is shown.
        name: what the method is called in tables: its title, with the folder added where several are called the same.
    """

    path: Path
    kind: str
    family: str
    content: dict[str, Any]
    report: ResultReport
    lines: list[dict[str, Any]] = field(default_factory=list)
    panels: list[Path] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    config: str = ""
    name: str = ""

    @property
    def title(self) -> str:
        """What the method calls itself."""
        return str(self.content["title"])


def load(paths: Sequence[Path]) -> list[Source]:
    """Reads folders whose numbers may stand side by side.

    Raises:
        DataError: see :func:`read_all`.
        ConfigError: see :func:`check`.
    """
    sources = read_all(paths)
    check(sources)
    return sources


def read_all(paths: Sequence[Path]) -> list[Source]:
    """Reads every folder, each once, and names the methods apart.

    Args:
        paths: work dirs of training runs, result folders, or ``result.json`` files, in any mixture.

    Raises:
        DataError: a folder is missing, half-written, or holds something else; the line says what it lacks.
    """
    folders = {path.resolve(): path for path in reversed(paths)}
    sources = [read(folders.pop(path.resolve())) for path in paths if path.resolve() in folders]
    name_apart(sources)
    return sources


def read(path: Path) -> Source:
    """Reads one folder or ``result.json``."""
    if path.is_file():
        return _result(path.parent, path)
    if not path.is_dir():
        raise DataError(f"{path}: {'is not a folder' if path.exists() else 'no such folder'}")
    if (path / RESULT).is_file():
        return _result(path, path / RESULT)
    if (path / "pictures.jsonl").is_file() or (path / ".unfinished").is_dir():
        raise DataError(f"{path}: lacks {RESULT}, so the evaluation is unfinished; run the same command to finish it")
    if (path / MANIFEST).is_file() or (path / METRICS).is_file():
        return _training(path)
    inside = sorted(p.name for p in path.iterdir() if (p / RESULT).is_file() or (p / MANIFEST).is_file())
    hint = f"; its subfolders {', '.join(inside[:5])} do" if inside else ""
    raise DataError(f"{path}: holds neither a result ({RESULT}) nor a training run ({MANIFEST}, {METRICS}){hint}")


def grouped(sources: Sequence[Source], by: Callable[[Source], Any]) -> list[list[Source]]:
    """Sources for which ``by`` gives equal plain data together, in the order of their first."""
    found: dict[str, list[Source]] = {}
    for source in sources:
        found.setdefault(json.dumps(by(source), sort_keys=True, default=str), []).append(source)
    return list(found.values())


def name_apart(sources: Sequence[Source]) -> None:
    """Sets ``name``: the title, then the folder, then a number, until no two of one kind are called the same."""
    for source in sources:
        source.name = source.title
    for depth in (1, 2):  # the folder alone, then with its parent
        for source in chain.from_iterable(_called_alike(sources)):
            source.name = f"{source.title} ({'/'.join(source.path.resolve().parts[-depth:])})"
    for members in _called_alike(sources):
        for place, source in enumerate(members, 1):
            source.name += f" #{place}"


def _called_alike(sources: Sequence[Source]) -> list[list[Source]]:
    return [members for members in grouped(sources, lambda s: (s.family, s.name)) if len(members) > 1]


def check(sources: Sequence[Source]) -> None:
    """Refuses sources whose numbers must not stand side by side.

    Raises:
        ConfigError: two columns of one name are different metrics or variants, or what else a kind compares differs.
    """
    evaluations = [s for s in sources if s.family == EVALUATION and s.report.has_numbers(s.content)]
    unknown = [s for s in evaluations if not s.content["columns"]]
    if unknown and len(evaluations) > 1:
        raise ConfigError(
            f"{unknown[0].path}: {SUMMARY} does not say which variants its numbers are, so they cannot be compared; "
            "run lowface evaluate on its checkpoint"
        )
    results = [s for s in sources if s in evaluations or s.family not in (EVALUATION, PRETRAINING)]
    check_comparable([{**s.content, "title": s.name} for s in results])


def _result(folder: Path, file: Path) -> Source:
    content = read_result(file)
    kind = content["kind"]
    return Source(folder, kind, kind, content, find_kind(kind), pictures=_pictures(folder))


def _training(folder: Path) -> Source:
    close = RECORD if (folder / RECORD).is_file() else SUMMARY
    lacking = [name for name in (MANIFEST, METRICS, close) if not (folder / name).is_file()]
    if lacking:
        finish = "; the run is unfinished, continue it with --resume" if lacking == [SUMMARY] else ""
        raise DataError(f"{folder}: lacks {', '.join(lacking)} of a training run{finish}")
    pretrained = close == RECORD
    config = folder / "config.py"
    return Source(
        folder,
        PRETRAINING if pretrained else "training",
        PRETRAINING if pretrained else EVALUATION,
        training_result(folder, folder / close, read_json(folder / MANIFEST)),
        PretrainingReport() if pretrained else find_kind(EVALUATION),
        lines=_lines(folder / METRICS),
        panels=sorted((folder / "samples").glob("*.png"), key=lambda path: (len(path.name), path.name)),
        config=config.read_text(encoding="utf-8", errors="replace") if config.is_file() else "",
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    """Lines of ``metrics.jsonl``; a last line that was cut short is left out."""
    lines = []
    texts = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for place, text in enumerate(texts, 1):
        try:
            line = json_of(text)
            lines.append({**line, "iter": int(line["iter"])})
        except (ValueError, TypeError, KeyError) as error:
            if place < len(texts):
                raise DataError(f"{path}: line {place} is not a measurement") from error
    return lines


def _pictures(folder: Path) -> list[Picture]:
    index = folder / PICTURES / "index.json"
    if not index.is_file():
        return []
    entries = read_json(index, list)
    if found := schema_faults(PictureIndex, entries):
        raise DataError(f"{index}: {found[0]}")
    pictures = PictureIndex.model_validate(entries).root
    for name in (name for picture in pictures for name in picture.stages.values()):
        if Path(name).name != name:  # a result from elsewhere must not pull other files into the page
            raise DataError(f"{index}: {name!r} is not a file name")
        if not (index.parent / name).is_file():
            raise DataError(f"{index.parent}: lacks {name}, which its index names")
    return pictures
