"""Results as text."""

from __future__ import annotations

from lowface_recognition.result_text import identification_text


def number(value: float | None, low: float | None = None, high: float | None = None) -> dict[str, float | None]:
    return {"value": value, "low": low, "high": high}


def test_numbers_without_an_interval_and_numbers_that_are_none() -> None:
    share = {"rank1": number(0.5), "rank5": number(0.5, 0.25, 0.75), "rank10": number(None), "undetected": number(0.0)}
    stage = {**share, "open_set": [{"fpir": 0.1, "tpir": None, "note": "too few non-mated probes (6; 100 needed)"}]}
    result = {
        "title": "x",
        "probes": 2,
        "gallery": {"people": 1, "undetected": []},
        "stages": {"low": stage},
        "protocol": {"repeats": 1},
        "gained": [],
        "lost": [],
    }
    lines = identification_text(result).splitlines()
    assert lines[2].split() == ["low", "50.0", "50.0", "(25.0–75.0)", "0.0"]
    assert lines[3] == "TPIR: too few non-mated probes (6; 100 needed)"
    assert lines[4].startswith("normal: absent")
    assert lines[5].startswith("enhanced: absent")
