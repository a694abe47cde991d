"""Matches and figures of an identification, on constructed embeddings."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lowface_recognition import identification
from lowface_recognition.encoding import Encoded
from lowface_recognition.identification import Matches, change, figures, line, paired_test, search
from lowface_recognition.ranking import NEVER, split_people

PEOPLE = ["p0", "p1", "p2"]


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def gallery_of(rows: np.ndarray, found: np.ndarray | None = None) -> Encoded:
    return Encoded(unit(rows), np.ones(len(rows), bool) if found is None else found)


def matches(probes: Encoded, own: np.ndarray, gallery: Encoded, known: np.ndarray) -> Matches:
    """A search in a gallery of one picture a person."""
    return search(probes, own, gallery, np.arange(len(gallery.found)), known)


def test_known_matches() -> None:
    gallery = gallery_of(np.eye(3))
    probes = Encoded(unit(np.array([[1, 0.1, 0], [1, 0.5, 0], [0, 0, 1], [1, 0, 0]])), np.array([1, 1, 1, 0], bool))
    own = np.array([0, 1, 2, 0])
    v = matches(probes, own, gallery, np.array([True, True, False]))
    assert v.rank.tolist() == [1, 2, 1, NEVER]
    assert v.best[:3].tolist() == [0, 0, 2]
    assert v.similarity[3] == v.own[3] == v.top_known[3] == -np.inf
    assert v.first_known.tolist() == [True, False, False, False]
    assert v.top_known[2] == pytest.approx(0.0)  # the third person is not enrolled
    told = line({"low": v}, 1, "k", "p1", PEOPLE)["low"]
    assert told == {"rank": 2, "found": True, "best": "p0", "similarity": pytest.approx(0.894, abs=1e-3)}
    assert line({"low": v}, 3, "k", "p0", PEOPLE)["low"] == {
        "rank": None,
        "found": False,
        "best": None,
        "similarity": None,
    }


def test_a_gallery_face_that_was_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = gallery_of(np.eye(2), np.array([False, True]))
    probes = Encoded(unit(np.eye(2)), np.ones(2, bool))
    assert matches(probes, np.arange(2), gallery, np.ones(2, bool)).rank.tolist() == [NEVER, 1]
    nobody = gallery_of(np.eye(2), np.zeros(2, bool))
    v = matches(probes, np.arange(2), nobody, np.ones(2, bool))
    assert v.rank.tolist() == [NEVER, NEVER]
    assert line({"low": v}, 0, "k", "p0", PEOPLE)["low"]["best"] is None


def test_rows_at_once_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    gallery, own = gallery_of(rng.normal(size=(128, 16))), np.repeat(np.arange(128), 3)
    probes = Encoded(unit(gallery.embedding[own] + 0.25 * rng.normal(size=(384, 16))), rng.random(384) < 0.95)
    known = split_people(128, 0)
    whole = matches(probes, own, gallery, known)
    monkeypatch.setattr(identification, "ROWS", 7)
    parts = matches(probes, own, gallery, known)
    assert np.array_equal(whole.rank, parts.rank)
    assert np.array_equal(whole.first_known, parts.first_known)
    assert np.allclose(whole.own, parts.own)


def test_figures_of_128_people() -> None:
    rng = np.random.default_rng(1)
    gallery, own = gallery_of(rng.normal(size=(128, 24))), np.repeat(np.arange(128), 4)
    probes = Encoded(unit(gallery.embedding[own] + 0.25 * rng.normal(size=(512, 24))), rng.random(512) < 0.9)
    known = split_people(128, 0)
    v = matches(probes, own, gallery, known)
    told = figures(v, own, known, seed=0)
    scores = probes.embedding.astype(float) @ gallery.embedding.astype(float).T
    first = (scores.argmax(1) == own) & probes.found
    assert told["rank1"]["value"] == pytest.approx(first.mean())
    assert told["rank1"]["low"] < told["rank1"]["value"] < told["rank1"]["high"]
    assert told["undetected"]["value"] == pytest.approx((~probes.found).mean())
    assert told["cmc"][0] == told["rank1"]["value"]
    assert told["cmc"][4] == told["rank5"]["value"]
    assert len(told["cmc"]) == 50
    assert told["cmc"] == sorted(told["cmc"])
    tenth, hundredth = told["open_set"]
    among = np.where(known, scores, -np.inf)
    alarms = np.where(probes.found, among.max(1), -np.inf)[~known[own]]
    threshold = min(t for t in np.unique(alarms) if (alarms > t).mean() <= 0.1)
    mated = known[own]
    hit = (among.argmax(1) == own) & probes.found & (scores[np.arange(512), own] > threshold)
    assert tenth["tpir"]["value"] == pytest.approx(hit[mated].mean())
    assert tenth["tpir"]["low"] < tenth["tpir"]["value"] < tenth["tpir"]["high"]
    assert hundredth == {"fpir": 0.01, "tpir": None, "note": "too few non-mated probes (256; 1000 needed)"}


def test_one_person() -> None:
    gallery = gallery_of(np.ones((1, 4)))
    v = matches(
        Encoded(gallery.embedding[[0, 0]], np.array([True, False])), np.zeros(2, int), gallery, np.ones(1, bool)
    )
    told = figures(v, np.zeros(2, int), np.ones(1, bool), 0)
    assert told["rank1"]["value"] == 0.5
    assert np.isnan(told["rank1"]["low"])
    assert told["cmc"] == [0.5]
    assert told["open_set"][0]["tpir"] is None


def test_the_change() -> None:
    gallery, own = gallery_of(np.eye(4)), np.arange(4)
    right, wrong = np.eye(4), np.roll(np.eye(4), 1, 0)
    before = matches(
        Encoded(unit(np.stack([right[0], wrong[1], wrong[2], right[3]])), np.ones(4, bool)), own, gallery, own > 9
    )
    after = matches(
        Encoded(unit(np.stack([right[0], right[1], right[2], wrong[3]])), np.ones(4, bool)), own, gallery, own > 9
    )
    told = change(before, after, own, seed=0)
    assert told["rank1"]["value"] == pytest.approx(0.25)
    assert told["rank1"]["low"] < 0.25 < told["rank1"]["high"]
    assert told["undetected"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_the_paired_test_is_scipys_on_the_pictures_that_differ() -> None:
    rng = np.random.default_rng(0)
    before, after = (np.where(rng.random(80) < share, 1, 3) for share in (0.4, 0.6))

    def matches(rank: np.ndarray) -> Matches:
        nothing = np.zeros(len(rank))
        return Matches(nothing > 0, rank, nothing.astype(int), nothing, nothing, nothing > 0, nothing)

    told = paired_test(matches(before), matches(after), 60)  # twenty are repetitions
    first, second = after[:60] == 1, before[:60] == 1
    gained, lost = int((first & ~second).sum()), int((second & ~first).sum())
    assert told == {"of": "rank1", "test": "mcnemar", "p": pytest.approx(stats.binomtest(gained, gained + lost).pvalue)}
