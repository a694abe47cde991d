"""``result.json``: what a finished measurement leaves, written, read and compared; its kind says what it holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lowface_core import __version__
from lowface_core.errors import ConfigError, DataError, LowfaceError, PluginError
from lowface_core.files import finite, json_of, read_text, write_json
from lowface_core.registry.loader import Plugin, Plugins, plugins
from lowface_core.registry.registration import Registrar
from lowface_core.registry.trace import short
from lowface_core.runs.result_schema import STAGES as STAGES
from lowface_core.runs.result_schema import TrainingSummary, schema_faults

FORMAT = 1
RESULT, SUMMARY = "result.json", "summary.json"
EVALUATION = "evaluation"
CORE = Plugin("lowface:core", "lowface", __version__, "core", "lowface_core")
_register = Registrar("result", CORE.key, "lowface_core", CORE.components)
_register(EVALUATION, "lowface_core.report.result_report:EvaluationReport")


def known_kinds() -> Plugins:
    """Everybody who registers kinds of result, the core first."""
    return Plugins([CORE, *plugins().loaded])


def find_kind(name: object) -> Any:
    """The kind that a result names, an instance of the class that was registered.

    Raises:
        DataError: nobody offers it, several plugins do, or it cannot be imported.
    """
    try:
        offer = Plugins([CORE]) if name == EVALUATION else known_kinds()  # nobody can take the core's own over
        return offer.find("result", str(name)).resolve()()
    except PluginError as error:
        raise DataError(f"kind: {error}") from error


def faults(result: Any) -> list[str]:
    """What is wrong with a result's structure, one line each with its path; nothing for a good one."""
    if not isinstance(result, Mapping):
        return ["not a JSON object"]
    if not isinstance(result.get("format"), int) or result["format"] > FORMAT:
        return [f"format is {result.get('format')!r}, which this version does not know; update lowface to read it"]
    try:
        kind = find_kind(result.get("kind"))
    except DataError as error:
        return [str(error)]
    return schema_faults(kind.schema, result)


def write_result(folder: Path, result: Mapping[str, Any]) -> dict[str, Any]:
    """Writes ``result.json`` whole; ``format`` and ``kind`` come first.

    Args:
        result: see ``docs/evaluation.md``; ``format`` is added.

    Returns:
        what was written: non-finite numbers are None, tuples are lists.

    Raises:
        LowfaceError: the result does not fit the schema of its kind, or the folder cannot be written.
    """
    plain: dict[str, Any] = json.loads(json.dumps(finite({"format": FORMAT, **result})))
    if found := faults(plain):
        raise LowfaceError(f"{folder / RESULT}: not written; {found[0]}")
    write_json(folder / RESULT, plain)
    return plain


def read_result(path: str | Path) -> dict[str, Any]:
    """Reads a result.

    Args:
        path: a folder that holds ``result.json``, or the file itself.

    Raises:
        DataError: there is none, or it does not fit its kind's schema; the message names the file and the path in it.
    """
    path = Path(path)
    file = path / RESULT if path.is_dir() else path
    if not file.exists():
        raise DataError(f"{file.parent}: holds no result ({file.name} is missing)")
    result: dict[str, Any] = read_json(file)
    if found := faults(result):
        raise DataError(f"{file}: not a result; {found[0]}")
    return result


def read_evaluation(path: str | Path) -> dict[str, Any]:
    """The evaluation in a folder: an evaluation's own result, or the closing table of a training run.

    Returns:
        a result of kind ``evaluation``; of a training run, ``title`` is the folder's name.

    Raises:
        DataError: the folder holds neither, or a result of another kind.
    """
    path = Path(path)
    if path.is_dir() and not (path / RESULT).is_file() and (path / SUMMARY).is_file():
        manifest = read_json(path / "manifest.json") if (path / "manifest.json").is_file() else {}
        result = training_result(path, path / SUMMARY, manifest)
        if not result["table"]:
            raise DataError(f"{path}: this training run has no closing table; its config lacks test_dataset or metrics")
        if not result["columns"]:
            raise DataError(
                f"{path}: {SUMMARY} does not say which variants its numbers are; run lowface evaluate on the checkpoint"
            )
        return result
    result = read_result(path)
    if result["kind"] != EVALUATION:
        raise DataError(f"{path}: holds a result of kind {result['kind']}, not an evaluation; lowface report shows it")
    return result


def training_result(work_dir: Path, file: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A finished training run in the form of an evaluation; columns and table are empty where it has none.

    Args:
        file: its ``summary.json``, or ``record.json`` of a pretrained head; further keys stay.
        manifest: its manifest.

    Raises:
        DataError: the file or the manifest is not as training writes it; the path in it is named.
    """
    summary, data = read_json(file), manifest.get("data") or {}
    if not isinstance(data, dict):
        raise DataError(f"{work_dir / 'manifest.json'}: data: should be a JSON object")
    if found := schema_faults(TrainingSummary, summary):
        raise DataError(f"{file}: {found[0]}")
    return {
        **summary,
        "format": FORMAT,
        "kind": EVALUATION,
        "title": work_dir.resolve().name,
        "pictures": summary.get("pictures"),
        "data": str(data.get("test_dataset") or ""),
        "manifest": manifest,
        "columns": summary.get("columns") or {},
        "table": summary.get("test") or {},
    }


def read_json(file: Path, kind: type = dict) -> Any:
    """A JSON object from a file, or a list.

    Raises:
        DataError: it cannot be read, or holds something else; the message names the file.
    """
    try:
        content = json_of(read_text(file))
    except (OSError, ValueError) as error:
        raise DataError(f"{file}: cannot be read as JSON ({' '.join(str(error).split())})") from error
    if not isinstance(content, kind):
        raise DataError(f"{file}: not a JSON {'object' if kind is dict else kind.__name__}")
    return content


def check_comparable(results: Sequence[Mapping[str, Any]]) -> None:
    """Checks that equal names mean equal measurements, as each kind of result says what it measured.

    Numbers of one column of an evaluation may stand side by side only if metric, variant and the heads that it reads
    are the same in all results. Columns that only one result has are no obstacle; results of different kinds have
    nothing in common.

    Args:
        results: from :func:`read_result`; their ``title`` names them in the message.

    Raises:
        ConfigError: one line that names what was measured, both results, and what differs.
    """
    first: dict[tuple[str, str], tuple[str, Any]] = {}
    for result in results:
        kind, title = result["kind"], result["title"]
        for name, what in find_kind(kind).measured(result).items():
            other, before = first.setdefault((kind, name), (title, what))
            if differs := difference(before, what):
                raise ConfigError(
                    f"{name}: {other!r} and {title!r} were measured differently ({differs}) and cannot be compared; "
                    "measure both alike"
                )


def difference(before: Any, after: Any) -> str:
    """The first place where two pieces of plain data differ: ``metrics.ssim.variant 'released', now 'valid'``.

    Returns:
        an empty string when they are equal.
    """
    found = next(differences(before, after), None)
    return f"{found[0]} {short(found[1])}, now {short(found[2])}".lstrip() if found else ""


def differences(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The places where two pieces of plain data differ, each with both values."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from differences(before.get(key), after.get(key), f"{path}.{key}".lstrip("."))
    elif before != after:
        yield path, before, after
