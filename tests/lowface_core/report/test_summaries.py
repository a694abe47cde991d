from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lowface_core.report.inputs import read_all
from lowface_core.report.summaries import tables
from lowface_core.report.tables import Table

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
