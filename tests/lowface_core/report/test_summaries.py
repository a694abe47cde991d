from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lowface_core.report.inputs import load, read_all
from lowface_core.report.summaries import plain, tables, text
from lowface_core.report.tables import Table
from tests.lowface_core.report.conftest import COLUMNS

Write = Callable[..., Path]


def made(*folders: Path) -> dict[str, Table]:
    return {table.id: table for table in tables(read_all(folders))}


def row(table: Table, stage: str, method: str) -> dict[str, str]:
    cells = next(r.cells for s, rows in table.groups if s == stage for r in rows if r.method == method)
    return {column.key: cell.text for column, cell in zip(table.columns, cells, strict=True)}


def test_evaluations_and_training_runs_share_a_table(evaluation: Write, training: Write) -> None:
    (table,) = made(evaluation("gamma"), training()).values()
    assert [stage for stage, _ in table.groups] == ["low", "enhanced", "normal"]
    assert row(table, "enhanced", "gamma") == {"psnr": "18.20", "ssim": "0.7280", "niqe": "4.500"}
    assert row(table, "enhanced", "lowfacenet") == {"psnr": "20.00", "ssim": "–", "niqe": "–"}
    assert row(table, "low", "all methods")["psnr"] == "8.10"
    assert table.columns[0].detail == "rgb, dB"


def test_other_data_are_another_table(evaluation: Write, counting: Write) -> None:
    found = made(counting("a"), evaluation("a"), evaluation("b", data="others"), counting("b", data="others"))
    assert list(found) == ["quality", "quality-2", "counting", "counting-2"]
    assert "data set 2 of 2" in found["quality-2"].caption


def test_scores_of_pretrained_heads(training: Write) -> None:
    folder = training()
    (folder / "summary.json").unlink()
    (folder / "record.json").write_text('{"scores": {"miou": 0.68, "iou": {"skin": 0.9}, "note": "text"}}')
    table = made(folder)["pretraining"]
    assert row(table, "test set", "lowfacenet") == {"miou": "0.6800", "iou/skin": "0.9000"}


def quality(psnr: float) -> dict[str, Any]:
    table = {"low": {"psnr": 8.0, "niqe": 9.0}, "enhanced": {"psnr": psnr, "niqe": psnr}, "normal": {"niqe": 3.0}}
    return {"columns": {key: COLUMNS[key] for key in ("psnr", "niqe")}, "table": table}


def test_best_and_second_are_marked_by_direction(evaluation: Write) -> None:
    folders = [evaluation(name, **quality(psnr)) for name, psnr in (("a", 18.0), ("b", 20.0), ("c", 12.0))]
    (table,) = tables(load(folders))
    rows = {(r["stage"], r["method"]): r for r in plain([table])[0]["rows"]}
    assert rows["enhanced", "b"]["marks"] == {"psnr": "best"}
    assert rows["enhanced", "a"]["marks"] == {"psnr": "second", "niqe": "second"}
    assert rows["enhanced", "c"]["marks"] == {"niqe": "best"}
    assert rows["enhanced", "b"]["numbers"] == {"psnr": 20.0, "niqe": 20.0}
    lines = [line.split() for line in text([table]).splitlines()]
    assert ["psnr", "↑", "(rgb,", "dB)", "niqe", "↓"] in lines
    assert ["enhanced", "b", "20.00*", "20.00"] in lines
    assert lines[-1] == ["*", "best,", "+", "second", "of", "a", "stage"]


def test_tables_of_other_data_are_not_ranked_together(evaluation: Write) -> None:
    found = tables(load([evaluation("a", **quality(18.0)), evaluation("b", data="other", **quality(19.0))]))
    assert len(found) == 2
    assert "*" not in text(found)
