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
    assert "psnr (rgb, dB) ↑" in psnr.picture


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


def test_cmc_and_roc_show_every_method_and_stage(identification: Write, verification: Write) -> None:
    people = read_all([identification("a", rank1=0.5), identification("b", rank1=0.7)])
    drawn = charts.cmc(people, [s.name for s in people])
    assert legend(drawn) == ["low, all methods", "a, enhanced", "b, enhanced", "normal, all methods"]
    assert drawn is not None
    assert drawn.rows[0] == ("1", "0.3", "0.5", "0.7", "0.95")
    pairs = read_all([verification("a"), verification("b", accuracy=0.9)])
    drawn = charts.roc(pairs, [s.name for s in pairs])
    assert legend(drawn)[1:3] == ["a, enhanced", "b, enhanced"]
    assert drawn is not None
    assert "10<tspan" in drawn.picture  # a logarithmic axis
    assert float(drawn.rows[0][0]) > 0


def test_a_method_alone_is_drawn_by_stage(identification: Write) -> None:
    alone = read_all([identification()])
    assert legend(charts.cmc(alone, ["gamma"])) == ["low", "enhanced", "normal"]
    assert charts.cmc(read_all([identification("x", stages={"enhanced": {}})]), ["x"]) is None


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
