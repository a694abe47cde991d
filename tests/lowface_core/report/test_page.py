from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from lowface_core.report.inputs import read_all
from lowface_core.report.summaries import tables
from lowface_core.report.write import page

Write = Callable[..., Path]
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
VOID = {"meta", "link", "img", "br", "input", "hr", "path", "circle"}


class Outline(HTMLParser):
    """Collects elements and checks that every one that is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def outline(text: str) -> Outline:
    parsed = Outline()
    parsed.feed(text)
    assert parsed.open == []
    return parsed


def made(*folders: Path, title: str = "A report", command: str = "lowface report a b") -> str:
    sources = read_all(folders)
    return page(sources, tables(sources), title, command)


@pytest.fixture
def everything(evaluation: Write, counting: Write, training: Write, pictures: Callable[..., None]) -> list[Path]:
    folders = [evaluation("a"), evaluation("b", psnr=19.0), counting("a"), training("run")]
    pictures(folders[0], {"sample": 2, "worst": 1}, {"psnr": 18.2})
    pictures(folders[1], {"sample": 2}, {"psnr": 19.0})
    pictures(folders[2], {"lost": 1})
    return folders


def test_the_page_is_whole_and_nothing_is_fetched(everything: list[Path]) -> None:
    text = made(*everything)
    parsed = outline(text)
    assert parsed.all("html")[0]["lang"] == "en"
    sources = [a.get("src") or a.get("href") or "" for tag in ("img", "script", "link") for a in parsed.all(tag)]
    assert all(source.startswith("data:") for source in sources if source)
    assert not [a for a in parsed.all("script") if "src" in a]
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert "url(" not in text
    assert "@import" not in text


def test_ids_are_unique_and_links_lead_somewhere(everything: list[Path]) -> None:
    parsed = outline(made(*everything))
    ids = [a["id"] for _, a in parsed.elements if "id" in a]
    assert [i for i, count in Counter(ids).items() if count > 1] == []
    targets = [str(a["href"])[1:] for a in parsed.all("a")]
    targets += [str(a["aria-labelledby"]) for _, a in parsed.elements if "aria-labelledby" in a]
    assert set(targets) <= set(ids)


def test_the_page_can_be_read_without_seeing_it(everything: list[Path]) -> None:
    text = made(*everything)
    parsed = outline(text)
    assert all(a.get("alt") for a in parsed.all("img"))
    assert all(a.get("aria-label") or a.get("aria-hidden") for a in parsed.all("svg"))
    assert all(a.get("scope") for a in parsed.all("th"))
    levels = [int(tag[1]) for tag, _ in parsed.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert '<span class="mark">best</span> <strong>' in text
    assert "(higher is better)" in text
    assert '<sup aria-hidden="true">a</sup><span class="hidden"> too few things</span>' in text
    assert '<span class="footnote"><sup>a</sup> too few things</span>' in text
    assert text.count("<caption") == len(tables(read_all(everything)))


def test_the_page_says_what_when_and_by_which_command(everything: list[Path]) -> None:
    text = made(*everything, command="lowface report 'a b' -o x.html")
    assert "lowface report &#39;a b&#39; -o x.html" in text
    assert re.search(r"made \d{4}-\d\d-\d\d \d\d:\d\d UTC by lowface \d", text)
    assert "lowface evaluate &#39;a config.py&#39;" in text
    assert "2026-01-02T03:04:05+00:00" in text
    assert "lr = 0.001" in text


def test_texts_of_users_are_inert(evaluation: Write, counting: Write, pictures: Callable[..., None]) -> None:
    columns = {HOSTILE: {"metric": HOSTILE, "variant": HOSTILE, "better": "higher", "unit": "", "source": HOSTILE}}
    table = {"low": {HOSTILE: 1.0}, "enhanced": {HOSTILE: 2.0}}
    hostile = evaluation(HOSTILE, folder="h", columns=columns, table=table, manifest={"command": [HOSTILE]})
    pictures(hostile, {"sample": 1}, {HOSTILE: 1.0})
    index = hostile / "pictures" / "index.json"
    index.write_text(index.read_text().replace("person_0/sample", "<script>alert(3)</script>"))
    other = counting(HOSTILE, folder="i", ruler=HOSTILE)
    text = made(hostile, other, title=HOSTILE, command=HOSTILE)
    parsed = outline(text)
    assert len(parsed.all("script")) == 1
    assert not [a for _, a in parsed.elements if any(name.startswith("on") for name in a)]
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_strangers_kind_of_result_is_shown(counting: Write, pictures: Callable[..., None]) -> None:
    """Its table, its charts, its groups of pictures, and what it adds to the manifest."""
    folders = [counting("a"), counting("b", found=0.7)]
    pictures(folders[1], {"lost": 1})
    text = made(*folders)
    outline(text)
    assert '<table id="counting">' in text
    assert '<span class="mark">best</span> <strong>70.0</strong> <small>[67.0, 73.0]</small>' in text
    assert "<p>Counted by hand.</p>" in text
    assert "<h3>Counting</h3>" in text
    assert "<figcaption>Found things</figcaption>" in text
    assert "<figcaption>Things</figcaption>" in text
    assert "Lost: b (counting)" in text
    assert "&#34;ruler&#34;: &#34;thumb&#34;" in text


def test_a_training_run_alone(training: Write) -> None:
    text = made(training())
    assert '<section aria-labelledby="training">' in text
    assert 'id="failures"' not in text
    outline(text)


def test_an_empty_run_still_makes_a_page(training: Write) -> None:
    folder = training(panels=0)
    (folder / "metrics.jsonl").write_text("")
    (folder / "summary.json").write_text("{}")
    text = made(folder)
    outline(text)
    assert 'id="tables"' not in text
