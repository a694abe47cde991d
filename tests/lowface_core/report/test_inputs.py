from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lowface_core.errors import ConfigError, DataError
from lowface_core.report.inputs import check, read, read_all

Write = Callable[..., Path]


def test_reads_every_kind_of_folder(evaluation: Write, counting: Write, training: Write) -> None:
    folders = [evaluation(), counting(), training()]
    sources = read_all([*folders, folders[0] / "."])  # a folder given twice is read once
    assert [s.kind for s in sources] == ["evaluation", "counting", "training"]
    assert [s.name for s in sources] == ["gamma", "gamma", "lowfacenet"]
    run = sources[2]
    assert run.content["table"]["enhanced"] == {"psnr": 20.0}
    assert run.content["data"] == "faces"
    assert len(run.lines) == 12
    assert [path.name for path in run.panels] == ["iter_000050.png", "iter_000100.png"]


def test_a_result_file_is_as_good_as_its_folder(evaluation: Write) -> None:
    folder = evaluation()
    assert read(folder / "result.json").content == read(folder).content


def test_equal_titles_differ_by_folder(evaluation: Write, counting: Write) -> None:
    one, two, other = evaluation(folder="x/a"), evaluation(folder="x/b"), counting()
    assert [s.name for s in read_all([one, two, other])] == ["gamma (a)", "gamma (b)", "gamma"]
    assert [s.name for s in read_all([one, evaluation(folder="y/a")])] == ["gamma (x/a)", "gamma (y/a)"]
    same = [evaluation(folder="p/x/a"), evaluation(folder="q/x/a")]
    assert [s.name for s in read_all(same)] == ["gamma (x/a) #1", "gamma (x/a) #2"]


def test_what_is_missing_is_named_in_one_line(tmp_path: Path, evaluation: Write, training: Write) -> None:
    empty, unfinished, other = tmp_path / "empty", tmp_path / "half", training("run")
    empty.mkdir()
    (unfinished / "pictures").mkdir(parents=True)
    (unfinished / "pictures.jsonl").write_text("")
    (other / "summary.json").unlink()
    missing_metrics = training("run2")
    (missing_metrics / "metrics.jsonl").unlink()
    evaluation(folder="many/a")
    for folder, lacks in {
        tmp_path / "absent": "no such folder",
        empty: "holds neither a result (result.json) nor a training run",
        unfinished: "lacks result.json",
        other: "lacks summary.json of a training run; the run is unfinished",
        missing_metrics: "lacks metrics.jsonl",
        tmp_path / "many": "its subfolders a do",
    }.items():
        with pytest.raises(DataError, match=folder.name) as caught:
            read(folder)
        assert lacks in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "[]", '{"format": 1, "kind": "evaluation"}', '{"format": 99}', "{\x00"])
def test_a_broken_result_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "result.json").write_text(content)
    with pytest.raises(DataError, match=r"result\.json") as caught:
        read(tmp_path)
    assert "\n" not in str(caught.value)


def test_an_index_cannot_reach_other_files(tmp_path: Path, evaluation: Write) -> None:
    folder = evaluation()
    (folder / "pictures").mkdir()
    (folder / "secret.jpg").write_bytes(b"")
    entry = {"key": "a", "group": "sample", "stages": {"low": "../secret.jpg"}, "numbers": {}, "note": ""}
    (folder / "pictures" / "index.json").write_text(json.dumps([entry]))
    with pytest.raises(DataError, match="is not a file name"):
        read(folder)
    (folder / "pictures" / "index.json").write_text(json.dumps([{**entry, "stages": {"low": "gone.jpg"}}]))
    with pytest.raises(DataError, match=r"pictures: lacks gone\.jpg"):
        read(folder)
    (folder / "pictures" / "index.json").write_text('{"a": 1}')
    with pytest.raises(DataError, match=r"index\.json: not a JSON list"):
        read(folder)


def test_a_last_line_cut_short_is_left_out_and_a_wrong_one_named(training: Write) -> None:
    folder = training()
    path = folder / "metrics.jsonl"
    whole = path.read_text()
    path.write_text(whole + '{"iter": 110, "spl')
    assert len(read(folder).lines) == 12
    path.write_text("nonsense\n" + whole)
    with pytest.raises(DataError, match="line 1 is not a measurement"):
        read(folder)


def test_a_pretraining_run_is_read(training: Write) -> None:
    folder = training()
    (folder / "summary.json").rename(folder / "record.json")
    (folder / "record.json").write_text(json.dumps({"scores": {"accuracy": 0.9}}))
    source = read(folder)
    assert source.kind == "pretraining"
    assert source.family == "pretraining"
    assert source.content["scores"] == {"accuracy": 0.9}


def test_broken_columns_and_manifests_are_named(tmp_path: Path, evaluation: Write, training: Write) -> None:
    folder = training()
    (folder / "summary.json").write_text(json.dumps({"columns": {"psnr": {"metric": "psnr"}}, "test": {}}))
    with pytest.raises(DataError, match=r"summary\.json: columns.psnr.variant is missing"):
        read(folder)
    with pytest.raises(DataError, match="manifest: should be a JSON object"):
        read(evaluation(manifest=["a"]))
    with pytest.raises(DataError, match="not a folder"):
        read(Path("/dev/null"))


def test_panels_come_in_the_order_of_iterations(training: Write) -> None:
    folder = training(panels=1)
    panel = folder / "samples" / "iter_000100.png"
    (folder / "samples" / "iter_1000000.png").write_bytes(panel.read_bytes())
    assert [path.stem for path in read(folder).panels] == ["iter_000100", "iter_1000000"]


def test_variants_and_whatever_a_kind_compares_must_agree(evaluation: Write, counting: Write, training: Write) -> None:
    columns = {"psnr": {"metric": "psnr", "variant": "y", "better": "higher", "unit": "dB", "source": ""}}
    table = {"enhanced": {"psnr": 20.0}}
    other = evaluation("other", columns=columns, table=table)
    with pytest.raises(ConfigError, match=r"'rgb'.*'y'") as caught:
        check(read_all([evaluation(), other]))
    assert "\n" not in str(caught.value)
    with pytest.raises(ConfigError, match=r"'rgb'.*'y'|'y'.*'rgb'"):
        check(read_all([training(), other]))
    check(read_all([other]))
    with pytest.raises(ConfigError, match=r"ruler: .*'thumb', now 'foot'"):
        check(read_all([counting(), counting("b", ruler="foot")]))


def test_a_run_that_says_no_variants_stands_alone(training: Write, evaluation: Write) -> None:
    folder = training()
    summary = json.loads((folder / "summary.json").read_text())
    del summary["columns"]
    (folder / "summary.json").write_text(json.dumps(summary))
    check(read_all([folder]))
    with pytest.raises(ConfigError, match=r"summary\.json does not say which variants"):
        check(read_all([folder, evaluation()]))
