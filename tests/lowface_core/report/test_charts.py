from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from lowface_core.report import charts
from lowface_core.report.charts import Chart, draw, thinned
from lowface_core.report.inputs import read_all
from lowface_core.report.svg import Series

Write = Callable[..., Path]


def legend(chart: Chart | None) -> list[str]:
    assert chart is not None
    return [name for _, name in chart.legend]


def test_training_curves_of_one_run(training: Write) -> None:
    sections = charts.training(read_all([training()]))
    assert {s.title: [c.title for c in s.charts] for s in sections} == {
        "Losses": ["total", "color"],
        "Validation": ["psnr", "niqe"],
        "Learning rate and other numbers": ["learning rate"],
    }
    psnr = sections[1].charts[0]
    assert legend(psnr) == ["low", "enhanced"]
    assert psnr.rows == (("50", "8", "19.9"), ("100", "8", "19.95"))
    assert "low: from 8 to 8" in psnr.picture
    assert "psnr ↑ (rgb, dB)" in psnr.picture


def test_runs_are_drawn_into_one_chart(training: Write) -> None:
    sections = charts.training(read_all([training("a"), training("b", psnr=25.0)]))
    assert legend(sections[0].charts[0]) == ["a", "b"]
    assert legend(sections[1].charts[0]) == ["low, all methods", "a, enhanced", "b, enhanced"]


def test_a_loss_that_was_not_finite_leaves_a_gap(training: Write) -> None:
    folder = training()
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({"iter": 110, "split": "train", "loss/total": None}) + "\n")
    total = charts.training(read_all([folder]))[0].charts[0]
    assert total.rows[-1] == ("110", "–")


def test_phases_have_charts_of_their_own(training: Write) -> None:
    folder = training()
    with (folder / "metrics.jsonl").open("a") as file:
        for phase, loss in (("enhancer", 1.0), ("heads.judge", 3.0)):
            file.write(json.dumps({"iter": 120, "split": "train", "phase": phase, "loss/total": loss}) + "\n")
    losses = {chart.title: chart.rows for chart in charts.training(read_all([folder]))[0].charts}
    assert losses["total, enhancer learning"] == (("120", "1"),)
    assert losses["total, heads.judge learning"] == (("120", "3"),)
    assert ("120", "1") not in losses["total"]


def test_one_number_before_and_after(counting: Write) -> None:
    sources = read_all([counting("a"), counting("b", found=0.7)])
    chart = charts.before_after(sources, "found", "Found things")
    assert chart is not None
    assert chart.rows == (
        ("a", "30.0 [27.0, 33.0]", "60.0 [57.0, 63.0]", "–"),
        ("b", "30.0 [27.0, 33.0]", "70.0 [67.0, 73.0]", "–"),
    )
    assert legend(chart) == ["low", "enhanced"]
    assert "Found things: a: low 30.0" in chart.picture
    assert charts.before_after(sources, "other", "Nothing") is None


def test_a_method_alone_is_drawn_by_stage(counting: Write) -> None:
    alone = read_all([counting()])
    lines = charts.by_stage(alone, lambda source, stage: ((1.0, None if stage == "low" else 1.0),), ["gamma"])
    assert [(line.name, line.tone) for line in lines] == [("enhanced", "enhanced"), ("normal", "normal")]


def test_long_lines_are_thinned_but_keep_their_ends() -> None:
    points = tuple((float(i), float(i * i)) for i in range(5000))
    kept = thinned(points, 240)
    assert len(kept) == 240
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    chart = draw("t", [Series("a", points)], "x", "y")
    assert len(chart.rows) <= charts.ROWS
    assert len(chart.picture) < 10_000


def test_lines_without_common_x_are_listed_below_one_another() -> None:
    lines = [Series(n, tuple((i + shift, 1.0) for i in range(60))) for n, shift in (("a", 0.0), ("b", 0.5))]
    chart = draw("t", lines, "x", "y")
    assert chart.head == ("line", "x", "value")
    assert {row[0] for row in chart.rows} == {"a", "b"}
