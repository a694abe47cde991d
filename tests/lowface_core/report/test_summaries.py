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


def test_other_data_are_another_table(evaluation: Write, identification: Write) -> None:
    found = made(evaluation("a"), evaluation("b", data="others"), identification("a"), identification("b", probes=7))
    assert list(found) == [
        "quality",
        "quality-2",
        "identification",
        "identification-2",
        "changes-identification",
        "changes-identification-2",
    ]
    assert "data set 2 of 2" in found["quality-2"].caption


def test_identification_counts_what_was_not_detected(identification: Write) -> None:
    found = made(identification("a", rank1=0.5), identification("b", rank1=0.6))
    table = found["identification"]
    told = row(table, "enhanced", "b")
    assert told == {
        "rank1": "60.0",
        "rank5": "70.0",
        "rank10": "75.0",
        "undetected": "4.0",
        "tpir@0.01": "–",
        "tpir@0.1": "30.0",
    }
    assert any("undetected face is a wrong answer" in note for note in table.notes)
    assert any("1 of them without a detected face; 69 probes" in note for note in table.notes)
    assert table.groups[1][1][1].cells[4].note == "too few probes"
    assert table.groups[1][1][1].cells[0].interval == "[57.0, 63.0]"
    table = found["changes-identification"]
    assert row(table, "low → enhanced", "b") == {"change rank1": "30.0", "gained": "15", "lost": "3"}
    assert table.columns[0].detail == "points"
    assert table.groups[0][1][0].cells[0].interval == "[10.0, 30.0]"


def test_the_enhancer_in_the_protocol_keeps_no_methods_apart(verification: Write) -> None:
    one, two = (verification(n, protocol={"folds": 10, "enhancer": n}) for n in "ab")
    assert [table.id for table in tables(read_all([one, two]))] == ["verification"]
    other = verification("c", protocol={"folds": 5})
    assert [table.id for table in tables(read_all([one, other]))] == ["verification", "verification-2"]


def test_verification_says_where_pairs_are_too_few(verification: Write) -> None:
    table = made(verification(accuracy=0.8))["verification"]
    assert row(table, "enhanced", "gamma") == {
        "accuracy": "80.0 ± 1.2",
        "auc": "85.0",
        "eer": "20.0",
        "tar@0.1": "70.0",
        "tar@0.0001": "–",
        "undetected": "2.0",
    }
    assert [c.better for c in table.columns] == ["higher", "higher", "lower", "higher", "higher", "lower"]
    assert table.groups[1][1][0].cells[4].note == "too few impostor pairs"


def test_scores_of_pretrained_heads(training: Write) -> None:
    folder = training()
    (folder / "summary.json").unlink()
    (folder / "record.json").write_text('{"scores": {"miou": 0.68, "iou": {"skin": 0.9}, "note": "text"}}')
    table = made(folder)["pretraining"]
    assert row(table, "test set", "lowfacenet") == {"miou": "0.6800", "iou/skin": "0.9000"}
