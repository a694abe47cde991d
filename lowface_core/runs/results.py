"""``result.json``: what a finished evaluation, identification or verification leaves, written, read and compared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lowface_core.errors import ConfigError, DataError, LowfaceError, listing, nearest
from lowface_core.files import finite, write_json

FORMAT = 1
RESULT, SUMMARY = "result.json", "summary.json"
STAGES = ("low", "enhanced", "normal")
#: Kind → the keys it has beyond those that every result has.
KINDS: dict[str, tuple[str, ...]] = {
    "evaluation": ("columns", "table"),
    "identification": ("gallery", "probes", "recogniser", "protocol", "stages", "gained", "lost"),
    "verification": ("pairs", "recogniser", "protocol", "stages"),
}
COMMON = ("format", "kind", "title", "pictures", "data", "manifest")
#: What a column of an evaluation says about its numbers.
COLUMN = ("metric", "variant", "better", "unit", "source")


def faults(result: Any) -> list[str]:
    """What is wrong with a result's structure, one line each; nothing for a good one."""
    if not isinstance(result, Mapping):
        return ["is no JSON object"]
    kind = result.get("kind")
    if kind not in KINDS:
        return [f"kind is {kind!r}{nearest(str(kind), KINDS)}; one of {listing(KINDS)}"]
    if not isinstance(result.get("format"), int) or result["format"] > FORMAT:
        return [f"format is {result.get('format')!r}, which this version does not know; update lowface to read it"]
    found = [f"{key} is missing" for key in (*COMMON, *KINDS[kind]) if key not in result]
    if kind == "evaluation" and not found:
        for name, column in result["columns"].items():
            found += [f"columns.{name}.{key} is missing" for key in COLUMN if key not in column]
            if column.get("better") not in ("higher", "lower"):
                found.append(f"columns.{name}.better is {column.get('better')!r}; 'higher' or 'lower'")
        for stage, row in result["table"].items():
            found += [f"table.{stage}.{name} has no column" for name in row if name not in result["columns"]]
    if "stages" in KINDS[kind] and not found:
        found += [f"stages.{s} is no stage; one of {', '.join(STAGES)}" for s in result["stages"] if s not in STAGES]
    return found


def write_result(folder: Path, result: Mapping[str, Any]) -> dict[str, Any]:
    """Writes ``result.json`` whole; keys that every result has come first.

    Args:
        result: see ``docs/evaluation.md``; ``format`` is added.

    Returns:
        what was written: non-finite numbers are None, tuples are lists.

    Raises:
        LowfaceError: the result is incomplete, or the folder cannot be written.
    """
    ordered = {"format": FORMAT, **{key: result[key] for key in COMMON if key in result}, **result}
    found = faults(ordered)
    if found:
        raise LowfaceError(f"{folder / RESULT}: not written; {found[0]}")
    plain: dict[str, Any] = json.loads(json.dumps(finite(ordered)))
    write_json(folder / RESULT, plain)
    return plain


def read_result(path: str | Path) -> dict[str, Any]:
    """Reads a result.

    Args:
        path: a folder that holds ``result.json``, or the file itself.

    Raises:
        DataError: there is none, or it is not a result; the message names the file.
    """
    path = Path(path)
    file = path / RESULT if path.is_dir() else path
    result = _json(file)
    found = faults(result)
    if found:
        raise DataError(f"{file}: is no result; {found[0]}")
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
        return _closing_table(path)
    result = read_result(path)
    if result["kind"] != "evaluation":
        raise DataError(f"{path}: holds a result of kind {result['kind']}, not an evaluation; lowface report shows it")
    return result


def _closing_table(work_dir: Path) -> dict[str, Any]:
    summary = _json(work_dir / SUMMARY)
    if not summary.get("test"):
        raise DataError(f"{work_dir}: this training run has no closing table; its config lacks test_dataset or metrics")
    if not summary.get("columns"):
        raise DataError(
            f"{work_dir}: {SUMMARY} does not say which variants its numbers are; run lowface evaluate on the checkpoint"
        )
    manifest = _json(work_dir / "manifest.json") if (work_dir / "manifest.json").is_file() else {}
    return {
        "format": FORMAT,
        "kind": "evaluation",
        "title": work_dir.resolve().name,
        "pictures": summary.get("pictures"),
        "data": manifest.get("data", {}).get("test_dataset", ""),
        "manifest": manifest,
        "columns": summary["columns"],
        "table": summary["test"],
    }


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{file.parent}: holds no result ({file.name} is missing)") from None
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise DataError(f"{file}: is no JSON ({error})") from error


def check_comparable(results: Sequence[Mapping[str, Any]]) -> None:
    """Checks that equal names mean equal measurements: columns of evaluations, recognisers of recognition results.

    Numbers of one column may stand side by side only if metric, variant and the heads it asks are the same in all
    results. Columns that only one result has are no obstacle; results of different kinds have nothing in common.

    Args:
        results: from :func:`read_result`; their ``title`` names them in the message.

    Raises:
        ConfigError: one line that names column, results and both variants.
    """
    first: dict[tuple[str, str], tuple[str, Mapping[str, Any]]] = {}
    for result in results:
        kind, title = result["kind"], result["title"]
        for name, column in result.get("columns", {}).items():
            other, before = first.setdefault((kind, name), (title, column))
            _same_column(name, other, before, title, column)
        if "recogniser" in result:
            other, before = first.setdefault((kind, ""), (title, result["recogniser"]))
            if before != result["recogniser"]:
                raise ConfigError(
                    f"{kind}: {other!r} and {title!r} were recognised differently "
                    f"({difference(before, result['recogniser'])}) and cannot be compared; use the same recogniser"
                )


def _same_column(name: str, other: str, before: Mapping[str, Any], title: str, column: Mapping[str, Any]) -> None:
    if before["metric"] != column["metric"]:
        what = f"metric {before['metric']!r}", f"metric {column['metric']!r}"
    elif before["variant"] != column["variant"]:
        what = f"variant {before['variant']!r}", f"variant {column['variant']!r}"
    elif before.get("heads") != column.get("heads"):
        raise ConfigError(
            f"{name}: {other!r} and {title!r} asked different heads "
            f"({difference(before.get('heads'), column.get('heads'))}) and cannot be compared; use the same heads"
        )
    else:
        return
    raise ConfigError(
        f"{name}: {other!r} is {what[0]} and {title!r} is {what[1]}; they cannot be compared, evaluate both alike"
    )


def difference(before: Any, after: Any, path: str = "") -> str:
    """The first place where two pieces of plain data differ: ``metrics.ssim.variant 'released', now 'valid'``.

    Returns:
        an empty string when they are equal.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            inner = difference(before.get(key), after.get(key), f"{path}.{key}".lstrip("."))
            if inner:
                return inner
        return ""
    if before == after:
        return ""
    return f"{path} {_short(before)}, now {_short(after)}".lstrip()


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
