from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lowface_core.report.conftest import COLUMNS, write_result


@pytest.fixture
def result(tmp_path: Path) -> Callable[..., Path]:
    """Writes an evaluation into ``folder``."""

    def write(folder: str, psnr: float = 18.0, **facts: Any) -> Path:
        content = {"columns": {"psnr": {**COLUMNS["psnr"], **facts}}, "table": {"enhanced": {"psnr": psnr}}}
        return write_result(tmp_path / folder, "evaluation", folder, **content)

    return write


def test_writes_a_report_and_says_where(lowface: Any, tmp_path: Path, result: Any) -> None:
    done = lowface("report", result("a"), result("b", 19.0), "--title", "Mine")
    assert done.code == 0, done.err
    assert [line.split(" (")[0] for line in done.out.splitlines()] == [
        "report.html",
        "report.md",
        "report.csv",
        "report.tex",
    ]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<title>Mine</title>" in page
    assert "--title Mine</code>" in page
    assert "**19.00**" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_json(lowface: Callable[..., Any], result: Callable[..., Path]) -> None:
    done = lowface("report", result("a"), "-o", "x/r.html", "--formats", "html,csv", "--json")
    content = json.loads(done.out)
    assert content["files"] == {"html": "x/r.html", "csv": "x/r.csv"}
    assert [(s["kind"], s["name"]) for s in content["sources"]] == [("evaluation", "a")]
    assert content["tables"] == ["Metrics (20 pictures)"]


def test_mistakes_are_one_line(lowface: Callable[..., Any], tmp_path: Path, result: Callable[..., Path]) -> None:
    good, other = result("a"), result("b", variant="y")
    (tmp_path / "empty").mkdir()
    for words, part in {
        (good, tmp_path / "gone"): "no such folder",
        (good, tmp_path / "empty"): "holds neither a result",
        (good, other): "'rgb'",
        (good, "--formats", "html,latx"): "did you mean 'latex'",
        (good, "--formats", ","): "give some of html,md,csv,latex",
        (good, "-o", "r.pdf"): "ends in .html",
    }.items():
        done = lowface("report", *words)
        assert (done.code, done.out) == (1, "")
        assert part in done.err
        assert done.err.count("\n") == 1
    assert lowface("report").code == 2
    assert lowface("report", good).code == 0
    done = lowface("report", good)
    assert done.code == 1
    assert "report.html: exists; add --overwrite" in done.err
    assert lowface("report", good, "--overwrite").code == 0


def test_needs_no_torch(tmp_path: Path, result: Callable[..., Path], python: Callable[..., Any]) -> None:
    run = "import sys; from lowface_core.cli import cli; cli(sys.argv[1:], standalone_mode=False)"
    done = python("-c", f"{run}; print('torch' in sys.modules)", "report", result("a"), cwd=tmp_path)
    assert (done.code, done.out.splitlines()[-1]) == (0, "False")


def test_reports_what_train_and_evaluate_really_leave(lowface: Any, tmp_path: Path, write_config: Any) -> None:
    config = write_config(measured=True, sample_interval=1)
    assert lowface("train", config, "--work-dir", "run").code == 0
    assert lowface("evaluate", config, "--checkpoint", "run", "--work-dir", "again").code == 0
    done = lowface("report", "run", "again", "--json")
    assert done.code == 0, done.err
    assert [s["kind"] for s in json.loads(done.out)["sources"]] == ["training", "evaluation"]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "sample 1: enhanced, iteration 2" in page  # the panel was taken apart
    assert "Samples of the evaluation" in page
    rows = [line for line in (tmp_path / "report.md").read_text(encoding="utf-8").splitlines() if "enhanced" in line]
    assert len(rows) == 2
    assert rows[0].split("|")[3] == rows[1].split("|")[3]  # the same data, weights and metric
