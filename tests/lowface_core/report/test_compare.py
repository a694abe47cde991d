from __future__ import annotations

from pathlib import Path
from typing import Any

from lowface_core.report.compare import compare, plain, text
from lowface_core.runs.results import write_result


def result(folder: Path, psnr: float, **changes: Any) -> Path:
    column = {"metric": "psnr", "variant": "rgb", "better": "higher", "unit": "dB", "source": ""}
    lower = {**column, "metric": "niqe", "variant": "", "better": "lower", "unit": ""}
    common = {"kind": "evaluation", "title": folder.name, "pictures": 2, "data": "d", "manifest": {}}
    table = {"low": {"psnr": 8.0, "niqe": 9.0}, "enhanced": {"psnr": psnr, "niqe": psnr}, "normal": {"niqe": 3.0}}
    columns = {"psnr": column, "niqe": lower}
    write_result(folder, {**common, "columns": columns, "table": table, **changes})
    return folder


def test_best_and_second_are_marked_by_direction(tmp_path: Path) -> None:
    folders = [result(tmp_path / name, psnr) for name, psnr in (("a", 18.0), ("b", 20.0), ("c", 12.0))]
    (table,) = compare(folders)
    rows = {(r["stage"], r["method"]): r for r in plain([table])[0]["rows"]}
    assert rows["enhanced", "b"]["marks"] == {"psnr": "best"}
    assert rows["enhanced", "a"]["marks"] == {"psnr": "second", "niqe": "second"}
    assert rows["enhanced", "c"]["marks"] == {"niqe": "best"}
    assert rows["enhanced", "b"]["numbers"] == {"psnr": 20.0, "niqe": 20.0}
    lines = [line.split() for line in text([table]).splitlines()]
    assert ["psnr", "↑", "(rgb,", "dB)", "niqe", "↓"] in lines
    assert ["enhanced", "b", "20.00*", "20.00"] in lines
    assert lines[-1] == ["*", "best,", "+", "second", "of", "a", "stage"]


def test_other_data_are_another_table(tmp_path: Path) -> None:
    tables = compare([result(tmp_path / "a", 18.0), result(tmp_path / "b", 19.0, data="other")])
    assert len(tables) == 2
    assert "*" not in text(tables)
