"""``lowface benchmark`` from end to end, on rendered faces."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.runs.results import read_result


def numbers(result: dict[str, Any]) -> dict[str, Any]:
    """What two runs of one benchmark must have in common: all but times and sizes of processes."""
    return {key: result[key] for key in ("title", "data", "reference", "datasets", "failed")}


def test_a_method_that_fails_is_a_cell_and_the_rest_goes_on(
    lowface: Callable[..., Any], write_benchmark: Callable[..., Path], tmp_path: Path
) -> None:
    said = lowface("benchmark", write_benchmark(), "--work-dir", "out", "--json")
    assert said.code == 1
    result = json.loads(said.out)
    assert result == read_result(tmp_path / "out")
    assert [(one["method"], one["cell"]) for one in result["failed"]] == [("broken", "cost"), ("broken", "rendered")]
    assert said.err.count("\nfailed: broken, ") == 2
    assert "does not fit" in result["failed"][0]["reason"]
    data = result["datasets"]["rendered"]
    assert [list(data["rows"][stage]) for stage in ("low", "enhanced", "normal")] == [
        ["no processing"],
        ["gain"],
        ["normal light"],
    ]
    assert result["methods"]["broken"] is None
    cost = result["methods"]["gain"]
    assert (cost["parameters"], cost["flops"], cost["size"]) == (None, None, [48, 48])

    # each cell is a result as evaluate leaves it, with the numbers of the table
    own = read_result(tmp_path / "out" / "cells" / "rendered" / "gain")
    assert list(own["table"]) == ["enhanced"]
    row = data["rows"]["enhanced"]["gain"]
    assert row["psnr"]["value"] == own["table"]["enhanced"]["psnr"]
    lines = [json.loads(line) for line in (tmp_path / "out/cells/rendered/gain/pictures.jsonl").open()]
    each = [line["enhanced"]["psnr"] for line in lines]
    assert row["psnr"]["value"] == pytest.approx(sum(each) / len(each))
    assert min(each) <= row["psnr"]["low"] < row["psnr"]["value"] < row["psnr"]["high"] <= max(each)
    untouched = read_result(tmp_path / "out" / "cells" / "rendered" / "no-processing")
    assert list(untouched["table"]) == ["low", "normal"]
    test = next(t for t in data["tests"] if t["column"] == "psnr")
    assert (test["method"], test["reference"], test["test"]) == ("no processing", "gain", "bootstrap")
    assert test["difference"] == pytest.approx(
        data["rows"]["low"]["no processing"]["psnr"]["value"] - row["psnr"]["value"]
    )
    assert test["p"] <= test["corrected"] <= 1

    # the report reads the whole and every cell; all formats
    for format, mark in {
        "md": "failed enhancer: ",
        "tex": r"\toprule",
        "html": "cards wide",
        "csv": "does not fit",
    }.items():
        text = (tmp_path / "out" / f"report.{format}").read_text()
        assert "gain" in text, format
        assert mark in text, format
    rows = list(csv.DictReader((tmp_path / "out" / "report.csv").open()))
    assert any(r["method"] == "gain" and r["column"] == "psnr" and r["table"].startswith("rendered (8") for r in rows)
    cells = [tmp_path / "out" / "cells" / "rendered" / name for name in ("gain", "no-processing")]
    assert lowface("report", *cells, "-o", "cells.html").code == 0
    assert lowface("report", tmp_path / "out", "-o", "whole.html").code == 0

    # mended, the same command measures what was missing, and only that
    before = (tmp_path / "out/cells/rendered/gain/result.json").stat().st_mtime_ns
    config = json.loads((tmp_path / "bench.json").read_text())
    config["methods"]["broken"] = {"type": "gamma"}
    (tmp_path / "bench.json").write_text(json.dumps(config))
    again = lowface("benchmark", "bench.json", "--work-dir", "out")
    assert again.code == 0, again.err
    assert (tmp_path / "out/cells/rendered/gain/result.json").stat().st_mtime_ns == before
    mended = read_result(tmp_path / "out")
    assert mended["failed"] == []
    assert mended["datasets"]["rendered"]["rows"]["enhanced"]["gain"]["psnr"] == row["psnr"]
    refused = lowface("benchmark", "bench.json", "--work-dir", "out", "--seed", "7")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "holds another result (seed 1, now 7)" in refused.err


def test_every_fault_of_a_config_is_a_line(lowface: Callable[..., Any], tmp_path: Path) -> None:
    config = {
        "methods": {
            "a/b": {"type": "gain"},
            "gan": {"type": "gian"},
            "none": {"optional": 3},
            "lost": {"checkpoint": "nowhere"},
            "bound": {"type": "gain", "factor": "x"},
        },
        "datasets": {
            "one": {"dataset": {"type": "rendered_faces", "sze": 3}, "metrics": {"psnr": {"type": "psnr"}}, "hed": 1},
            "two": {"metrics": {}, "identification": {}},
            "three": {"dataset": {"type": "rendered_faces"}, "identification": {"repeats": 0, "recognizer": "x"}},
        },
        "reference": "gam",
    }
    (tmp_path / "bad.json").write_text(json.dumps(config))
    for command in (("benchmark", "bad.json"), ("config", "check", "bad.json")):
        said = lowface(*command)
        assert (said.code, said.out) == (1, "")
        for line in (
            "methods.a/b: is no name",
            "methods.gan.type: ",
            "methods.none.optional: must be True or False",
            "methods.none: needs type=",
            "methods.bound.factor: must be a number",
            "datasets.one.hed: unknown key; did you mean 'heads'?",
            "datasets.one.dataset.sze: ",
            "datasets.two.dataset: missing",
            "datasets.two: says metrics and identification to measure",
            "datasets.three.identification.repeats: must be an integer >= 1",
            "datasets.three.identification.recognizer: unknown keyword; did you mean 'recogniser'?",
            "reference: 'gam' is no method here",
        ):
            assert line in said.err, (command, line, said.err)


def test_a_method_without_its_files_is_missed_or_left_out(
    lowface: Callable[..., Any], write_benchmark: Callable[..., Path], tmp_path: Path
) -> None:
    methods = {"gain": {"type": "gain"}, "mine": {"checkpoint": "nowhere"}}
    said = lowface("benchmark", write_benchmark(methods=methods))
    assert (said.code, said.err) == (
        1,
        "lowface: methods.mine.checkpoint: nowhere: no such file, work dir or registered weights\n",
    )
    methods["mine"]["optional"] = True
    said = lowface("benchmark", write_benchmark(methods=methods), "--json")
    assert said.code == 0, said.err
    assert "left out: methods.mine.checkpoint: nowhere: no such" in said.err
    assert list(json.loads(said.out)["methods"]) == ["gain"]


@pytest.mark.slow
@pytest.mark.parametrize(("cells", "later"), [(1, 2.0), (2, 0.0)])
def test_killed_at_any_moment_and_started_again_the_table_is_the_same(
    cells: int,
    later: float,
    start: Callable[..., subprocess.Popen[str]],
    lowface: Callable[..., Any],
    write_benchmark: Callable[..., Path],
    tmp_path: Path,
) -> None:
    methods = {"gain": {"type": "gain"}, "lime": {"type": "lime"}}
    config = write_benchmark(methods=methods)
    whole = lowface("benchmark", config, "--work-dir", "whole")
    assert whole.code == 0, whole.err
    process = start("benchmark", config, "--work-dir", tmp_path / "parts", cwd=tmp_path)
    while len(list((tmp_path / "parts").glob("cells/*/*/result.json"))) < cells:
        assert process.poll() is None
        time.sleep(0.1)
    time.sleep(later)
    os.kill(process.pid, signal.SIGKILL)  # alone: its processes must notice
    process.wait()
    for _ in range(20):  # until the processes of the cells have noticed
        said = lowface("benchmark", config, "--work-dir", "parts", "--jobs", "2")
        if "another process" not in said.err:
            break
        time.sleep(1)
    assert said.code == 0, said.err
    assert numbers(read_result(tmp_path / "parts")) == numbers(read_result(tmp_path / "whole"))
