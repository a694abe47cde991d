from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lowface_core.errors import ConfigError, DataError, LowfaceError
from lowface_core.report.result_report import ResultReport
from lowface_core.runs.result_schema import Figure, Result, Stage
from lowface_core.runs.results import check_comparable, difference, faults, read_evaluation, read_result, write_result


def column(**changes: Any) -> dict[str, Any]:
    return {"metric": "ssim", "variant": "released", "better": "higher", "unit": "", "source": "", **changes}


def evaluation(title: str = "A", **columns: Any) -> dict[str, Any]:
    return {
        "kind": "evaluation",
        "title": title,
        "pictures": 2,
        "data": "Folder:2",
        "manifest": {},
        "columns": {"ssim": column(), **columns},
        "table": {"low": {"ssim": 0.5}, "enhanced": {"ssim": float("inf")}},
    }


class Weighing(Result):
    weights: dict[Stage, list[Figure]]


class WeighingReport(ResultReport):
    """A stranger's kind of result."""

    schema, command = Weighing, "weigh"

    def measured(self, content: Mapping[str, Any]) -> dict[str, Any]:
        return {"scales": content["scales"]}


def weighing(title: str = "A", scales: str = "old", **changes: Any) -> dict[str, Any]:
    common = {"kind": "weighing", "title": title, "pictures": 2, "data": "", "manifest": {}, "scales": scales}
    return {**common, "weights": {"low": [{"value": 1}]}, **changes}


@pytest.fixture(autouse=True)
def stranger(add_plugin: Callable[..., None]) -> None:
    """A plugin that registers a kind of result."""
    add_plugin({"result": {"weighing": WeighingReport}})


def test_a_result_comes_back_as_it_was_written(tmp_path: Path):
    written = write_result(tmp_path, evaluation())
    assert read_result(tmp_path) == read_result(tmp_path / "result.json") == written
    assert written["table"]["enhanced"] == {"ssim": None}
    assert list(written)[:3] == ["format", "kind", "title"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "evalution"}, "kind: unknown result 'evalution'; did you mean 'evaluation'?; on offer: "),
        ({"columns": {}}, "table.low.ssim has no column"),
        ({"columns": {"ssim": column(better="up")}}, "columns.ssim.better: should be 'higher' or 'lower', not 'up'"),
        ({"format": 2}, "format is 2, which this version does not know; update lowface to read it"),
    ],
)
def test_a_faulty_result_is_not_written(tmp_path: Path, change: dict[str, Any], said: str):
    with pytest.raises(LowfaceError) as raised:
        write_result(tmp_path, {**evaluation(), **change})
    assert str(raised.value).startswith(f"{tmp_path / 'result.json'}: not written; {said}")
    assert not (tmp_path / "result.json").exists()


def test_missing_keys_are_named():
    incomplete = {k: v for k, v in {"format": 1, **evaluation()}.items() if k != "data"}
    assert faults(incomplete) == ["data is missing"]
    assert faults([]) == ["not a JSON object"]


@pytest.mark.parametrize(
    ("weights", "fault"),
    [
        ({"bright": []}, "weights.bright: should be 'low', 'enhanced' or 'normal', not 'bright'"),
        ({"low": [{"value": 1}, {"value": "1"}]}, "weights.low.1.value: should be a valid number, not '1'"),
        ({"low": [{}]}, "weights.low.0.value is missing"),
        ({"low": [3]}, "weights.low.0: should be a JSON object, not 3"),
    ],
)
def test_faults_deep_inside_are_named_by_path(tmp_path: Path, weights: dict[str, Any], fault: str):
    (tmp_path / "result.json").write_text(json.dumps({"format": 1, **weighing(weights=weights)}))
    with pytest.raises(DataError) as raised:
        read_result(tmp_path)
    assert str(raised.value) == f"{tmp_path / 'result.json'}: not a result; {fault}"


def test_a_kind_that_two_plugins_claim_is_refused(add_plugin: Callable[..., None]):
    add_plugin({"result": {"weighing": WeighingReport, "evaluation": WeighingReport}}, distribution="other")
    (fault,) = faults({"format": 1, **weighing()})
    assert "claimed by 2 plugins" in fault
    assert faults({"format": 1, **evaluation()}) == []  # the core's own stays its own


def test_what_is_no_result_is_said_in_one_line(tmp_path: Path):
    with pytest.raises(DataError, match=r"holds no result \(result.json is missing\)"):
        read_result(tmp_path)
    (tmp_path / "result.json").write_text("{")
    with pytest.raises(DataError, match="cannot be read as JSON"):
        read_result(tmp_path)
    (tmp_path / "result.json").write_text('{"kind": "evaluation"}')
    with pytest.raises(DataError, match="not a result; format is None"):
        read_result(tmp_path)


def test_a_training_run_counts_as_an_evaluation_by_its_closing_table(tmp_path: Path):
    run = tmp_path / "my_run"
    run.mkdir()
    summary = {"test": {"low": {"ssim": 0.5}}, "columns": {"ssim": column()}, "pictures": 2}
    (run / "summary.json").write_text(json.dumps(summary))
    (run / "manifest.json").write_text(json.dumps({"data": {"test_dataset": "Faces:2"}}))
    result = read_evaluation(run)
    assert faults(result) == []
    assert (result["title"], result["data"], result["table"]) == ("my_run", "Faces:2", summary["test"])
    (run / "summary.json").write_text(json.dumps({"test": {"low": {"ssim": 0.5}}}))
    with pytest.raises(DataError, match="does not say which variants its numbers are; run lowface evaluate"):
        read_evaluation(run)
    (run / "summary.json").write_text("{}")
    with pytest.raises(DataError, match="has no closing table"):
        read_evaluation(run)


def test_another_kind_is_not_an_evaluation(tmp_path: Path):
    write_result(tmp_path, weighing())
    with pytest.raises(DataError, match="kind weighing, not an evaluation"):
        read_evaluation(tmp_path)


def test_other_variants_of_a_column_are_refused_by_name():
    valid = evaluation("B", ssim=column(variant="valid"))
    with pytest.raises(ConfigError) as raised:
        check_comparable([evaluation(), valid])
    assert str(raised.value).startswith("ssim: 'A' and 'B' were measured differently (variant 'released', now 'valid')")


def test_other_metrics_and_other_heads_under_one_name_are_refused():
    with pytest.raises(ConfigError, match=r"'A' and 'B' .* \(metric 'ssim', now 'msssim'\)"):
        check_comparable([evaluation(), evaluation("B", ssim=column(metric="msssim"))])
    asked = column(heads={"face": {"weights": "a"}})
    with pytest.raises(ConfigError, match=r"\(heads.face.weights 'a', now 'b'\)"):
        check_comparable([evaluation(ssim=asked), evaluation("B", ssim=column(heads={"face": {"weights": "b"}}))])


def test_what_another_kind_compares_must_agree():
    with pytest.raises(ConfigError, match=r"scales: 'A' and 'B' .*\('old', now 'new'\)"):
        check_comparable([weighing(), weighing("B", "new")])


def test_equal_columns_other_columns_and_other_kinds_are_comparable():
    check_comparable([evaluation(), evaluation("B", psnr=column(metric="psnr", variant="rgb")), evaluation("C")])
    check_comparable([evaluation(), weighing(), weighing("B")])
    check_comparable([])


def test_the_first_difference_is_named_by_its_path():
    assert difference({"a": {"b": [1]}}, {"a": {"b": [1]}}) == ""
    assert difference({"a": {"b": 1}, "c": 1}, {"a": {"b": 2}, "c": 2}) == "a.b 1, now 2"
    assert difference({}, {"new": "x"}) == "new None, now 'x'"
    assert len(difference({"a": "x" * 500}, {"a": ""})) < 90
