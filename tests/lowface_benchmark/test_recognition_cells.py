"""Identification as a cell of a benchmark: an ordinary result, McNemar's test, pictures of all methods encoded once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.runs.results import read_result

FACE = {
    "type": "face",
    "locate": "normal",
    "detector": {"type": "mtcnn"},
    "encoder": {"type": "face_encoder", "weights": "embedded"},
}


def test_identification_on_rendered_faces(
    lowface: Callable[..., Any], write_benchmark: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "judge.json").write_text(json.dumps({"heads": {"face": FACE}}))
    faces = {"type": "rendered_faces", "size": 96, "identities": 4, "pictures": 2}
    dark = {"type": "linear", "low": 0.1, "high": 0.2}
    judged = {"dataset": {**faces, "degradation": dark}, "identification": {"recogniser": "judge.json"}}
    methods = {"gain": {"type": "gain", "factor": 5.0}, "gamma": {"type": "gamma"}}
    config = write_benchmark(methods=methods, datasets={"people": judged}, eval_batch_size=2)
    said = lowface("benchmark", config, "--json", "--work-dir", "out")
    assert said.code == 0, said.err
    data = json.loads(said.out)["datasets"]["people"]
    assert [list(data["rows"][stage]) for stage in ("low", "enhanced", "normal")] == [
        ["no processing"],
        ["gain", "gamma"],
        ["normal light"],
    ]
    tests = [test for test in data["tests"] if test["column"] == "rank1"]
    assert len(tests) == 2
    assert {test["test"] for test in tests} == {"mcnemar"}
    cell = read_result(tmp_path / "out" / "cells" / "people" / "gain")
    assert cell["kind"] == "identification"
    own = cell["stages"]["enhanced"]["rank1"]
    row = data["rows"]["enhanced"]["gain"]["rank1"]
    assert (row["value"], row["low"], row["high"]) == (own["value"], own["low"], own["high"])
    # two batches of the gallery, of the dark and of the normal probes each, and two of each method's
    assert len(list((tmp_path / "out" / "embeddings").glob("*.pth"))) == 3 * 2 + 2 * 2
    assert data["rows"]["normal"]["normal light"]["rank1"]["value"] == pytest.approx(
        cell["stages"]["normal"]["rank1"]["value"]
    )
