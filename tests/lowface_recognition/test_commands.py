"""``lowface identify`` and ``lowface verify`` from end to end: people known by patterns, and a few real ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.data.images import read_image, write_image
from lowface_core.files import finite
from lowface_core.runs.result_folder import ResultFolder
from lowface_core.runs.results import read_result


def without_manifest(result: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key != "manifest"}


@pytest.fixture
def identify(recognition: Callable[..., Any]) -> Callable[..., Any]:
    return partial(recognition, "identify")


def test_the_triple(identify: Callable[..., Any], people: Callable[..., Path], tmp_path: Path) -> None:
    said = identify("--data", people(), "--enhancer", "gamma", "--work-dir", "out", "--json", dark=True)
    assert said.code == 0, said.err
    result = json.loads(said.out)
    assert result == read_result(tmp_path / "out")
    assert (result["kind"], result["title"], result["pictures"]) == ("identification", "gamma", 12)
    assert result["gallery"]["people"] == 6
    assert result["gallery"]["pictures"] == [f"p{k:02d}/p{k:02d}_0001" for k in range(6)]
    assert result["probes"] == 12
    stages = result["stages"]
    assert list(stages) == ["low", "enhanced", "normal"]
    assert stages["normal"]["rank1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert stages["low"]["undetected"]["value"] > 0.2
    assert stages["enhanced"]["undetected"]["value"] == 0
    assert stages["enhanced"]["rank1"]["value"] > stages["low"]["rank1"]["value"]
    assert result["change"]["rank1"]["value"] == pytest.approx(
        stages["enhanced"]["rank1"]["value"] - stages["low"]["rank1"]["value"]
    )
    lines = [json.loads(line) for line in (tmp_path / "out" / "pictures.jsonl").read_text().splitlines()]
    assert len(lines) == 12
    gained = [line["key"] for line in lines if line["enhanced"]["rank"] == 1 and line["low"]["rank"] != 1]
    assert result["gained"] == gained != []
    assert result["lost"] == []
    missed = [line for line in lines if not line["low"]["found"]]
    assert len(missed) == round(12 * stages["low"]["undetected"]["value"])
    assert all(line["low"]["rank"] is None for line in missed)
    index = json.loads((tmp_path / "out" / "pictures" / "index.json").read_text())
    assert [e["key"] for e in index if e["group"] == "gained"] == gained[:12]
    assert all((tmp_path / "out" / "pictures" / name).is_file() for entry in index for name in entry["stages"].values())
    assert "low: no face found; enhanced: recognised as p" in next(e["note"] for e in index if e["group"] == "gained")
    assert not list((tmp_path / "out").glob(".*"))
    lines = identify("--data", "people", "--enhancer", "gamma", "--work-dir", "out", dark=True).out.splitlines()
    assert lines[0] == "Identification"
    assert lines[1].split()[::3] == ["rank-1", "rank-5", "rank-10", "undetected"]
    assert [line.split()[:2] for line in lines[2:5]] == [[stage, "gamma"] for stage in ("low", "enhanced", "normal")]
    assert "100.0 [100.0, 100.0]" in lines[4]
    assert "TPIR at FPIR 0.1: too few non-mated probes (6; 100 needed)" in lines
    assert any(line.startswith("Gallery: 6 people") and "12 probes" in line for line in lines)
    assert any(line.startswith("low → enhanced  gamma") for line in lines)
    assert any(line.startswith("gained: ") for line in lines)
    assert lines[-1] == "everything is in out"


def test_the_same_command_reads_the_result_back(
    identify: Callable[..., Any], people: Callable[..., Path], recogniser: Any, tmp_path: Path
) -> None:
    again = partial(identify, "--data", people(), "--enhancer", "gamma", "--json", dark=True)
    first = again()
    assert (tmp_path / "work_dirs" / "identify" / "gamma" / "result.json").is_file()
    seen = recogniser.seen
    assert again().out == first.out
    assert recogniser.seen == seen
    assert without_manifest(json.loads(again("--overwrite").out)) == without_manifest(json.loads(first.out))
    assert recogniser.seen == 2 * seen
    refused = again("--seed", "2", "--work-dir", "work_dirs/identify/gamma")
    assert "holds another result (protocol.seed 0, now 2)" in refused.err


def test_an_interrupted_command_goes_on_and_gives_the_same(
    identify: Callable[..., Any],
    people: Callable[..., Path],
    recogniser: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = ("--data", people(), "--enhancer", "gamma", "--batch-size", "2", "--json", "--work-dir")
    whole = identify(*words, "whole", dark=True)
    total = recogniser.seen
    monkeypatch.setattr(ResultFolder, "due", lambda self: True)
    recogniser.seen, recogniser.stop_after = 0, total // 2
    assert identify(*words, "parts", dark=True).code == 130
    done, recogniser.seen, recogniser.stop_after = recogniser.seen, 0, None
    finished = identify(*words, "parts", dark=True)
    assert finished.code == 0, finished.err
    assert total - done <= recogniser.seen < total - done + 6  # at most the batch that was under way again
    assert without_manifest(json.loads(finished.out)) == without_manifest(json.loads(whole.out))
    for name in ("pictures.jsonl", "pictures/index.json", "pictures/0001_low.jpg"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_each_probe_darkened_several_times(
    identify: Callable[..., Any], people: Callable[..., Path], recogniser: Any, tmp_path: Path
) -> None:
    dark = partial(identify, "--data", people(), "--json", dark=True)
    once = json.loads(dark().out)
    first = [json.loads(ln) for ln in (tmp_path / "work_dirs/identify/no-enhancement/pictures.jsonl").open()]
    recogniser.seen = 0
    result = json.loads(dark("--repeats", "3", "--work-dir", "thrice").out)
    assert recogniser.seen == 6 + 3 * 12 + 12  # gallery, low three times, normal once
    lines = [json.loads(ln) for ln in (tmp_path / "thrice" / "pictures.jsonl").open()]
    assert (result["pictures"], result["probes"], result["protocol"]["repeats"], len(lines)) == (12, 12, 3, 36)
    assert lines[:12] == first
    assert [ln["key"] for ln in lines[12:24]] == [f"{ln['key']}#2" for ln in first]
    assert [ln["normal"] for ln in lines] == 3 * [ln["normal"] for ln in first]
    assert any(a["low"] != b["low"] for a, b in zip(lines[:12], lines[12:24], strict=True))
    assert result["stages"]["low"]["rank1"]["value"] == pytest.approx(np.mean([ln["low"]["rank"] == 1 for ln in lines]))
    assert result["stages"]["normal"] == once["stages"]["normal"]
    assert result["stages"]["low"]["open_set"][0]["note"] == "too few non-mated probes (6; 100 needed)"
    text = identify("--data", "people", "--repeats", "3", "--work-dir", "thrice", dark=True).out
    assert "3 times each" in text
    refused = identify("--data", "people", "--repeats", "3")
    assert refused.code == 2
    assert "--repeats: needs --degradation" in refused.err


def test_gallery_and_probes_in_folders_of_their_own(
    identify: Callable[..., Any], people: Callable[..., Path], tmp_path: Path
) -> None:
    root = people()
    for person in sorted(root.iterdir()):
        files = sorted(person.iterdir())
        (tmp_path / "probes").mkdir(exist_ok=True)
        files[2].rename(tmp_path / "probes" / files[2].name)  # <person>_<n>.png
    result = json.loads(identify("--gallery", root, "--probes", "probes", "--json").out)
    assert (result["gallery"]["people"], len(result["gallery"]["pictures"]), result["probes"]) == (6, 12, 6)
    assert list(result["stages"]) == ["low"]
    assert result["stages"]["low"]["rank1"]["value"] == 1.0
    assert "change" not in result
    text = identify("--gallery", root, "--probes", "probes").out
    assert "normal: absent; the normal-light pictures are not known (--normal DIR gives them)" in text
    assert "enhanced: absent; no --enhancer was given" in text
    same = json.loads(identify("--gallery", root, "--probes", root, "--json", "--work-dir", "same").out)
    assert len(same["gallery"]["pictures"]) == same["probes"] == 6  # as with --data


def test_real_low_light_with_its_normal_partners(
    identify: Callable[..., Any], people: Callable[..., Path], tmp_path: Path
) -> None:
    root = people(pictures=2)
    for file in root.rglob("*_0002.png"):
        write_image(tmp_path / "dark" / file.parent.name / file.name, read_image(file) * np.float32(0.08))
        (tmp_path / "bright" / file.parent.name).mkdir(parents=True)
        file.rename(tmp_path / "bright" / file.parent.name / file.name)
    words = ("--gallery", root, "--probes", "dark", "--enhancer", "gamma", "--json")
    result = json.loads(identify(*words, "--normal", "bright").out)
    assert list(result["stages"]) == ["low", "enhanced", "normal"]
    assert [result["stages"][s]["rank1"]["value"] for s in ("low", "enhanced", "normal")] == [0.0, 1.0, 1.0]
    assert list(json.loads(identify(*words).out)["stages"]) == ["low", "enhanced"]


def test_a_gallery_picture_without_a_face(
    identify: Callable[..., Any], people: Callable[..., Path], tmp_path: Path
) -> None:
    root = people()
    write_image(root / "p03" / "p03_0001.png", np.full((3, 32, 32), 0.01, np.float32))
    said = identify("--data", root, "--json")
    assert said.code == 0, said.err
    result = json.loads(said.out)
    assert result["gallery"]["undetected"] == ["p03/p03_0001"]
    assert result["stages"]["low"]["rank1"]["value"] == pytest.approx(10 / 12)
    assert result["stages"]["low"]["cmc"][-1] == pytest.approx(10 / 12)
    assert "1 of them without a detected face" in identify("--data", root).out


def test_nobody_is_found_at_all(identify: Callable[..., Any], people: Callable[..., Path]) -> None:
    words = ("--degradation", "linear", "--degradation-options", "low=0.01", "high=0.01", "--json")
    result = json.loads(identify("--data", people(), *words).out)
    assert result["stages"]["low"]["rank1"]["value"] == 0.0
    assert result["stages"]["low"]["undetected"]["value"] == 1.0
    assert result["stages"]["normal"]["rank1"]["value"] == 1.0


FAULTS = {
    "missing folder": (("--data", "gone"), "gone: no such folder"),
    "missing gallery": (("--gallery", "gone", "--probes", "people"), "gone: no such folder"),
    "unknown config": (
        ("--data", "people", "--config", "recognitio"),
        "no such config file; did you mean 'recognition'",
    ),
    "unknown enhancer": (("--data", "people", "--enhancer", "gama"), "gama: no such checkpoint or work dir"),
    "untrained enhancer": (("--data", "people", "--enhancer", "retinex"), "'retinex' is an untrained network"),
    "unknown degradation": (("--data", "people", "--degradation", "sensr"), "did you mean 'sensor'?"),
    "faulty option": (
        ("--data", "people", "--degradation", "sensor", "--degradation-options", "exposur=1"),
        "--degradation.exposur: degradation 'sensor' takes no such keyword; did you mean 'exposure'?",
    ),
    "faulty value": (
        ("--data", "people", "--degradation", "sensor", "--degradation-options", "exposure=2"),
        "--degradation.exposure: must be a number > 0 and <= 1",
    ),
    "no option": (
        ("--data", "people", "--degradation", "sensor", "--degradation-options", "exposure"),
        "--degradation-options exposure: write it as keyword=value",
    ),
    "options of nothing": (("--data", "people", "--degradation-options", "exposure=1"), "add --degradation NAME"),
    "options of no enhancer": (("--data", "people", "--enhancer-options", "gamma=1"), "add --enhancer NAME"),
    "partners of what is darkened": (
        ("--data", "people", "--degradation", "sensor", "--normal", "people"),
        "--normal: is for real low light",
    ),
    "no device": (("--data", "people", "--device", "gpu"), "device: 'gpu' is no device"),
    "somebody not enrolled": (("--gallery", "people", "--probes", "others"), "'p05' has no picture in the gallery"),
    "single pictures": (("--data", "single"), "single: everybody has a single picture, which is the gallery"),
    "broken picture": (("--data", "broken"), "p00_0002.png: not a picture that can be read"),
    "no partner": (("--data", "people", "--normal", "others"), "others: holds no picture for 'p00/p00_0002'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_mistakes_are_told_in_one_line(
    one_line: Callable[..., None], people: Callable[..., Path], tmp_path: Path, fault: str
) -> None:
    people(count=2)
    people("others", count=6)
    people("single", count=2, pictures=1)
    (people("broken", count=1) / "p00" / "p00_0002.png").write_bytes(b"no picture")
    for person in range(2, 5):
        for file in (tmp_path / "others" / f"p{person:02d}").iterdir():
            file.unlink()
    words, message = FAULTS[fault]
    if fault == "no partner":
        for file in (tmp_path / "others" / "p00").iterdir():
            file.unlink()
    one_line(message, "identify", *words)


def test_missing_weights_are_told_together(lowface: Callable[..., Any], people: Callable[..., Path]) -> None:
    said = lowface("identify", "--data", people(), "--cfg-options", "weights_root=nowhere")
    assert said.code == 1
    assert "heads.face.detector.weights: no file 'nowhere/Retinaface_mobilenet0.25.pth'" in said.err
    assert "heads.face.encoder.weights: no file 'nowhere/mobilefacenet_casia_068.ckpt'" in said.err
    assert said.err.count("\n") == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("identify",), "give --gallery and --probes, or --data"),
        (("identify", "--gallery", "a"), "give --gallery and --probes, or --data"),
        (("identify", "--data", "a", "--probes", "b"), "give --gallery and --probes, or --data"),
        (("verify",), "give --pairs FILE, or --data FOLDER"),
        (("verify", "--pairs", "p", "--impostors", "3"), "--impostors: pairs are drawn only without --pairs"),
        (("verify", "--pairs", "p", "--data-options", "size=8"), "--data-options: a list of pairs names its files"),
    ],
)
def test_wrong_usage(lowface: Callable[..., Any], words: tuple[str, ...], message: str) -> None:
    said = lowface(*words)
    assert said.code == 2
    assert message in said.err


def test_a_few_real_people(lowface: Callable[..., Any], shared: Path, tmp_path: Path) -> None:
    """Five people in the dark of the study, by RetinaFace and MobileFaceNet, through the shipped config."""
    for person in sorted((shared / "data" / "lfw-faces").iterdir())[:5]:
        (tmp_path / "data" / person.name).mkdir(parents=True)
        for file in sorted(person.iterdir())[:2]:
            (tmp_path / "data" / person.name / file.name).symlink_to(file)
    said = lowface(
        "identify",
        *("--data", "data", "--degradation", "sensor", "--degradation-options", "exposure=0.04,0.10"),
        *("--enhancer", "gamma", "--cfg-options", f"weights_root={shared / 'weights'}", "--device", "cpu", "--json"),
    )
    assert said.code == 0, said.err
    result = json.loads(said.out)
    assert (result["gallery"]["people"], result["probes"]) == (5, 5)
    assert result["stages"]["normal"]["rank1"]["value"] == 1.0
    assert result["stages"]["enhanced"]["undetected"]["value"] == 0.0
    assert result["recogniser"]["encoder"] == {"type": "mobilefacenet", "weights": "mobilefacenet_casia_068.ckpt"}
    assert result["protocol"]["degradation"] == {"type": "sensor", "exposure": [0.04, 0.10]}
    assert result == finite(result)


@pytest.fixture
def verify(recognition: Callable[..., Any]) -> Callable[..., Any]:
    return partial(recognition, "verify")


@pytest.fixture
def lfw(people: Callable[..., Path], tmp_path: Path) -> Path:
    """People and LFW's list of pairs: two folds of three genuine and three impostor pairs."""
    root = people()
    rows = ["2\t3"]
    for fold in (0, 1):
        own = [f"p{3 * fold + k:02d}" for k in range(3)]
        rows += [f"{person}\t1\t{2 + fold}" for person in own]
        rows += [f"{a}\t1\t{b}\t2" for a, b in zip(own, own[1:] + own[:1], strict=True)]
    (tmp_path / "pairs.txt").write_text("\n".join(rows) + "\n")
    return root


def test_lfws_protocol(verify: Callable[..., Any], lfw: Path, tmp_path: Path) -> None:
    words = ("--pairs", "pairs.txt", "--data", lfw, "--enhancer", "gamma", "--work-dir", "out", "--json")
    said = verify(*words, dark=True)
    assert said.code == 0, said.err
    result = json.loads(said.out)
    assert result == read_result(tmp_path / "out")
    assert result["kind"] == "verification"
    assert result["pairs"] == {"genuine": 6, "impostor": 6, "people": 6}
    assert result["protocol"]["folds"] == {"count": 2, "from": "file"}
    assert result["protocol"]["darkened"] == "the second picture of a pair"
    stages = result["stages"]
    assert list(stages) == ["low", "enhanced", "normal"]
    assert [stages["normal"][name]["value"] for name in ("accuracy", "auc", "eer")] == [1.0, 1.0, 0.0]
    lines = [json.loads(line) for line in (tmp_path / "out" / "pictures.jsonl").read_text().splitlines()]
    assert [line["same"] for line in lines] == [True] * 3 + [False] * 3 + [True] * 3 + [False] * 3
    missed = [line for line in lines if not line["low"]["found"]]
    assert stages["low"]["undetected"]["value"] == len(missed) / 12 > 0
    assert {line["low"]["right"] for line in missed} == {False}  # genuine and impostor pairs alike
    assert {line["same"] for line in missed} == {True, False}
    right = [line["low"]["right"] for line in lines]
    assert stages["low"]["accuracy"]["value"] == pytest.approx(np.mean([np.mean(right[:6]), np.mean(right[6:])]))
    assert result["gained"] == [ln["key"] for ln in lines if ln["enhanced"]["right"] and not ln["low"]["right"]]
    assert {line["key"] for line in missed} <= set(result["gained"])
    assert result["lost"] == []
    assert stages["low"]["tar"][0]["note"] == "too few impostor pairs (6; 100 needed)"
    index = json.loads((tmp_path / "out" / "pictures" / "index.json").read_text())
    assert {entry["group"] for entry in index} >= {"sample", "gained"}
    text = verify(*words[:-1], dark=True).out
    assert "TAR at FAR 0.1: too few impostor pairs (6; 100 needed)" in text
    assert "normal    gamma  100.0" in text


def test_a_table_of_pairs_and_both_pictures_dark(verify: Callable[..., Any], lfw: Path, tmp_path: Path) -> None:
    rows = [f"p{k:02d}/p{k:02d}_0001.png,p{k:02d}/p{k:02d}_0002.png,1,{k % 2}" for k in range(6)]
    rows += [f"p{k:02d}/p{k:02d}_0001.png,p{5 - k:02d}/p{5 - k:02d}_0003.png,0,{k % 2}" for k in range(6)]
    (lfw / "pairs.csv").write_text("\n".join(rows))
    words = ("--pairs", lfw / "pairs.csv", "--json", "--darken")
    second, both = (json.loads(verify(*words, which, dark=True).out) for which in ("second", "both"))
    assert both["protocol"]["darkened"] == "both pictures of a pair"
    assert both["stages"]["low"]["undetected"]["value"] > second["stages"]["low"]["undetected"]["value"]
    assert both["stages"]["normal"]["auc"] == second["stages"]["normal"]["auc"]
    assert list(both["stages"]) == ["low", "normal"]


def test_drawn_pairs(verify: Callable[..., Any], lfw: Path) -> None:
    words = ("--data", lfw, "--enhancer", "gamma", "--enhancer-options", "gamma=0.5", "--json", "--impostors", "9")
    result = json.loads(verify(*words, dark=True).out)
    assert result["title"] == "gamma gamma=0.5"
    assert result["pairs"] == {"genuine": 18, "impostor": 9, "people": 6}
    assert result["protocol"]["folds"] == {"count": 3, "from": "drawn"}
    assert result["stages"]["normal"]["accuracy"]["value"] == 1.0


def test_pairs_of_real_low_light_with_partners(verify: Callable[..., Any], lfw: Path, tmp_path: Path) -> None:
    for file in lfw.rglob("*.png"):
        if file.stem.endswith("1"):
            continue
        write_image(tmp_path / "bright" / file.parent.name / file.name, read_image(file))
        write_image(file, read_image(file) * np.float32(0.08))
    words = ("--pairs", "pairs.txt", "--data", lfw, "--enhancer", "gamma", "--json")
    result = json.loads(verify(*words, "--normal", "bright").out)
    assert [result["stages"][stage]["accuracy"]["value"] for stage in ("low", "enhanced", "normal")] == [0.0, 1.0, 1.0]
    assert list(json.loads(verify(*words).out)["stages"]) == ["low", "enhanced"]
    refused = verify(*words, "--normal", "bright", "--darken", "both")
    assert "bright: holds no picture for 'p00/p00_0001'" in refused.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--pairs", "gone"), "gone: cannot be read (No such file or directory); give the file of pairs"),
        (("--pairs", "pairs.txt"), "pairs.txt: is a list as LFW's; add --data"),
        (("--data", "gone"), "gone: no such folder"),
        (("--pairs", "pairs.txt", "--data", "people", "--config", "nothing"), "nothing: no such config file"),
    ],
)
def test_mistakes_in_pairs_are_told_in_one_line(
    one_line: Callable[..., None], lfw: Path, words: tuple[str, ...], message: str
) -> None:
    one_line(message, "verify", *words)


def test_pairs_are_darkened_several_times(
    recognition: Callable[..., Any], people: Callable[..., Path], tmp_path: Path
) -> None:
    dark = partial(recognition, "verify", "--data", people(), "--enhancer", "gamma", "--json", dark=True)
    once, thrice = (json.loads(dark("--repeats", n, "--work-dir", f"r{n}").out) for n in ("1", "3"))
    lines = {n: [json.loads(line) for line in (tmp_path / f"r{n}" / "pictures.jsonl").open()] for n in (1, 3)}
    count = len(lines[1])
    assert len(lines[3]) == 3 * count
    assert lines[3][:count] == [
        {**line, **{stage: {**line[stage], "right": again[stage]["right"]} for stage in ("low", "enhanced", "normal")}}
        for line, again in zip(lines[1], lines[3], strict=False)
    ]  # thresholds are learnt on all repetitions
    assert thrice["pairs"] == once["pairs"]
    assert thrice["protocol"]["repeats"] == 3
    for number in (1, 2):
        for line, again in zip(lines[3][:count], lines[3][number * count : (number + 1) * count], strict=True):
            assert again["key"] == f"{line['key']}#{number + 1}"
            assert again["normal"]["similarity"] == line["normal"]["similarity"]
    assert [line["low"] for line in lines[3][:count]] != [line["low"] for line in lines[3][count : 2 * count]]
    assert thrice["stages"]["normal"]["auc"] == once["stages"]["normal"]["auc"]
    assert recognition("verify", "--data", "people", "--repeats", "2").code == 2
