"""IJB's protocol: its files, pooling, and rates that are counted by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.data.images import write_image
from lowface_core.errors import DataError
from lowface_face.encoder import template_for
from lowface_recognition.bootstrap import people_weights
from lowface_recognition.encoding import Encoded
from lowface_recognition.pooling import pooled
from lowface_recognition.template_files import read_templates
from lowface_recognition.verification import figures, scores_of

PEOPLE, PICTURES = 5, 3


def written(root: Path, lists: str, points: str, pairs: str) -> Path:
    (root / "meta").mkdir(parents=True, exist_ok=True)
    (root / "meta" / "ijbc_face_tid_mid.txt").write_text(lists)
    (root / "meta" / "ijbc_name_5pts_score.txt").write_text(points)
    (root / "meta" / "ijbc_template_pair_label.txt").write_text(pairs)
    return root


@pytest.fixture
def ijb(tmp_path: Path) -> Path:
    """Two templates of three pictures for each person, whose pattern fills the crop; templates are numbered from 11."""
    marks = " ".join(f"{value:.4f}" for value in (template_for((112, 112))).flatten().tolist())
    lists, points = [], []
    for person in range(PEOPLE):
        pattern = np.random.default_rng(person).random((3, 8, 8)).repeat(14, 1).repeat(14, 2)
        for which in range(2):
            for number in range(PICTURES):
                noise = np.random.default_rng([person, which, number]).normal(0, 0.05, pattern.shape)
                name = f"{len(lists) + 1}.jpg"
                write_image(tmp_path / "loose_crop" / name, np.clip(pattern + noise, 0, 1))
                lists.append(f"{name} {11 + 2 * person + which} {100 + number // 2}")
                points.append(f"{name} {marks} 0.9")
    pairs = [f"{11 + 2 * a} {12 + 2 * b} {int(a == b)}" for a in range(PEOPLE) for b in range(PEOPLE)]
    return written(tmp_path, *("\n".join(lines) + "\n" for lines in (lists, points, pairs)))


def test_pooling_is_by_media_and_then_by_templates() -> None:
    """Two frames of a video and a photograph: by hand, ((1,0) + (0,1)) / 2 + (0,1) = (0.5, 1.5), then unit length."""
    vectors = np.array([[1, 0], [0, 1], [0, 1], [3, 4], [1, 0]], np.float32)
    found = np.array([True, True, True, True, False])
    told = pooled(Encoded(vectors, found), np.array([0, 0, 0, 1, 2]), np.array([7, 7, 8, 7, 9]), 4)
    np.testing.assert_allclose(told.embedding[0], np.array([0.5, 1.5]) / np.sqrt(2.5), rtol=1e-6)
    np.testing.assert_allclose(told.embedding[1], [0.6, 0.8], rtol=1e-6)
    assert told.found.tolist() == [True, True, False, False]
    assert not told.embedding[2:].any()


def test_true_accepts_on_constructed_templates_are_those_counted_by_hand() -> None:
    """Genuine pairs at 0.9, 0.8, 0.5, -0.1; 1,000 impostor pairs, of which ten at 0.85, ninety at 0.6, others at 0.

    FAR 0.1 allows 100 impostors: the lowest threshold is 0.5 and accepts three of four genuine pairs. FAR 0.01 allows
    ten: above 0.6 lie 0.9 and 0.8. For 1e-3 a thousand impostor pairs are too few.
    """

    def at(cosine: float) -> list[float]:
        return [cosine, float(np.sqrt(1 - cosine**2))]

    scores = [0.9, 0.8, 0.5, -0.1, *[0.85] * 10, *[0.6] * 90, *[0.0] * 900]
    vectors = np.array([[1.0, 0.0], *map(at, scores)], np.float32)
    of = np.arange(len(vectors))
    told = pooled(Encoded(vectors, np.ones(len(vectors), bool)), of, of, len(vectors))
    similarity = told.embedding[1:] @ told.embedding[0]
    same = np.arange(len(scores)) < 4
    measured = figures(
        scores_of(similarity, np.ones(len(same), bool), same, np.zeros(len(same), int)),
        same,
        (np.zeros(len(same), int), np.arange(len(same)) % 7),
        people_weights(7, 0, 5),
        (1e-1, 1e-2, 1e-3),
    )
    assert [entry["tar"] and entry["tar"]["value"] for entry in measured["tar"]] == [0.75, 0.5, None]
    assert measured["tar"][2]["note"] == "too few impostor pairs (1000; 10000 needed)"


def test_the_files_are_read(ijb: Path) -> None:
    templates = read_templates(ijb)
    assert len(templates.photos) == PEOPLE * 2 * PICTURES
    assert templates.names == [str(number) for number in range(11, 11 + 2 * PEOPLE)]
    assert templates.template[:4].tolist() == [0, 0, 0, 1]
    assert templates.media[:3].tolist() == [100, 100, 101]
    assert (templates.same.sum(), len(templates.same)) == (PEOPLE, PEOPLE**2)
    assert len({photo.person for photo in templates.photos}) == PEOPLE
    picture = templates.photos[0].read()["normal"]
    assert picture.shape == (3, 112, 112)
    pattern = np.random.default_rng(0).random((3, 8, 8)).repeat(14, 1).repeat(14, 2)
    assert np.abs(picture - pattern).mean() < 0.1  # landmarks where encoders want them leave the picture as it is


def test_verify_compares_templates(ijb: Path, lowface: Callable[..., Any], recogniser: Any, config: Path) -> None:
    words = ("verify", "--templates", ijb, "--config", config, "--device", "cpu", "--enhancer", "gamma", "--json")
    done = lowface(*words)
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert (result["pictures"], result["templates"]) == (30, 10)
    assert result["pairs"] == {"genuine": 5, "impostor": 20, "people": 5}
    assert list(result["stages"]) == ["low", "enhanced"]
    assert result["stages"]["low"]["auc"]["value"] == 1.0
    assert result["stages"]["low"]["accuracy"]["value"] is None
    assert [entry["note"] for entry in result["stages"]["low"]["tar"]][-1] == (
        "too few impostor pairs (20; 10000000 needed)"
    )
    assert lowface(*words[:-1]).code == 0
    assert lowface(*words, "--data", ijb).code == 2


FAULTS = {
    "no pairs": ("1.jpg 1 1\n", "1.jpg " + "1 " * 11 + "\n", "1 2 1\n", "pair 1: template 2 has no picture"),
    "words": ("1.jpg 1\n", "1.jpg " + "1 " * 11 + "\n", "1 1 1\n", "face_tid_mid.txt, line 1: must hold 3 words"),
    "order": ("1.jpg 1 1\n", "2.jpg " + "1 " * 11 + "\n", "1 1 1\n", "must name the same pictures"),
    "numbers": ("1.jpg one 1\n", "1.jpg " + "1 " * 11 + "\n", "1 1 1\n", "something else than numbers"),
    "two columns": ("1.jpg 1 1\n", "1.jpg " + "1 " * 11 + "\n", "1 1\n", "three whole numbers a line"),
    "one kind": ("1.jpg 1 1\n", "1.jpg " + "1 " * 11 + "\n", "1 1 1\n", "pairs of one kind only"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_name_the_file(tmp_path: Path, fault: str) -> None:
    *texts, told = FAULTS[fault]
    with pytest.raises(DataError, match=told) as raised:
        read_templates(written(tmp_path, *texts))
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"meta: holds 0 files called <set>_face_tid_mid\.txt"):
        read_templates(tmp_path)


HEADING = "TEMPLATE_ID,SUBJECT_ID,FILENAME\n"


@pytest.fixture
def one_to_many(ijb: Path) -> Path:
    """Three people in one gallery and two in the other; each one's second template is a probe."""
    for name, some in (("G1", range(3)), ("G2", range(3, PEOPLE))):
        rows = [f"{11 + 2 * person},{70 + person},img/1.jpg\n" * 2 for person in some]
        (ijb / "meta" / f"ijbc_1N_gallery_{name}.csv").write_text(HEADING + "".join(rows))
    rows = [f"{12 + 2 * person},{70 + person},img/2.jpg\n" for person in range(PEOPLE)]
    (ijb / "meta" / "ijbc_1N_probe_mixed.csv").write_text(HEADING + "".join(rows))
    return ijb


def test_probes_are_searched_in_both_galleries(
    one_to_many: Path, lowface: Callable[..., Any], recogniser: Any, config: Path
) -> None:
    words = (
        "identify",
        "--templates",
        one_to_many,
        "--config",
        config,
        "--device",
        "cpu",
        "--enhancer",
        "gamma",
        "--json",
    )
    done = lowface(*words)
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert result["gallery"]["pictures"] == [f"template-{11 + 2 * person}" for person in range(PEOPLE)]
    assert (result["gallery"]["people"], result["probes"]) == (5, 5)
    assert [stage["rank1"]["value"] for stage in result["stages"].values()] == [1.0, 1.0]
    assert recogniser.seen == 15 + 2 * 15  # gallery pictures as they are, probes' pictures in two stages
    assert result["tests"] == [{"of": "rank1", "test": "mcnemar", "p": 1.0}]
    assert lowface(*words, "--data", one_to_many).code == 2


def test_faults_of_galleries_are_named(one_to_many: Path, lowface: Callable[..., Any], config: Path) -> None:
    words, probes = (
        ("identify", "--templates", one_to_many, "--config", config),
        one_to_many / "meta/ijbc_1N_probe_mixed.csv",
    )
    for content, told in (
        (HEADING + "12,99,x\n", "'99' has no picture in the gallery"),
        (HEADING + "999,70,x\n", "template 1: template 999 has no picture"),
        (HEADING + "twelve,70,x\n", "does not begin each line with the numbers"),
        (HEADING, "holds no templates"),
        (None, "holds no file called <set>_1N_probe_mixed.csv"),
    ):
        if content is None:
            probes.unlink()
        else:
            probes.write_text(content)
        done = lowface(*words)
        assert (done.code, done.out) == (1, "")
        assert told in done.err
        assert len(done.err.strip().splitlines()) == 1
