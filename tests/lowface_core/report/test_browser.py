"""The report in a real browser: reachable by keyboard, silent console, no request, no sideways scrolling."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.report.write import make

Write = Callable[..., Path]
HOSTILE = "<script>window.owned=1</script><img src=x onerror=window.owned=1>"


@pytest.fixture(params=["training", "comparison"])
def report(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    training: Write,
    evaluation: Write,
    counting: Write,
    pictures: Callable[..., None],
) -> Path:
    """A report of a training run, and one of three methods in every kind of result."""
    folders = [training()]
    if request.param == "comparison":
        folders = []
        for i, name in enumerate(("gamma", "a method with a rather long name (released weights)", HOSTILE)):
            folders.append(evaluation(name, folder=f"e{i}", psnr=16.0 + i))
            pictures(folders[-1], {"sample": 3, "worst": 1}, {"psnr": 16.0 + i})
            folders.append(counting(name, folder=f"c{i}", found=0.5 + i / 10))
            pictures(folders[-1], {"lost": 2})
    return make(folders, tmp_path / "report.html", formats=["html"]).files["html"]


def show(chromium: Any, page: Path, width: int, **media: str) -> None:
    """Opens a page in a window of this width, as a phone's or a desktop's."""
    chromium.get("about:blank")
    for log in ("browser", "performance"):
        chromium.get_log(log)
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    chromium.get(page.as_uri())


def press(chromium: Any, key: str) -> None:
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    ActionChains(chromium).send_keys(getattr(Keys, key)).perform()


@pytest.mark.parametrize("width", [375, 1280])
def test_the_page_fits_is_silent_and_fetches_nothing(chromium: Any, report: Path, width: int) -> None:
    show(chromium, report, width)
    chromium.execute_script("for (const part of document.querySelectorAll('details')) part.open = true")
    wide = chromium.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    faults = "return [...document.images].filter(i => !(i.alt && i.complete && i.naturalWidth)).map(i => i.outerHTML)"
    assert chromium.execute_script(faults) == []
    assert chromium.get_log("browser") == []
    assert chromium.execute_script("return window.owned === undefined")
    events = [json.loads(entry["message"])["message"] for entry in chromium.get_log("performance")]
    requested = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert [url for url in requested if not url.startswith("data:")] == [report.as_uri()]


def test_tab_reaches_every_control_and_shows_where_it_is(chromium: Any, report: Path) -> None:
    show(chromium, report, 1280)
    chromium.execute_script(
        "window.wanted = [...document.querySelectorAll('a[href], button, summary, [tabindex=\"0\"]')]"
        ".filter(e => e.checkVisibility()); window.reached = new Set()"
    )
    wanted = chromium.execute_script("return wanted.length")
    assert wanted > 20
    note = (
        "const e = document.activeElement; if (e === document.body || reached.has(e)) return false; reached.add(e);"
        "return getComputedStyle(e).outlineStyle !== 'none'"
    )
    for _ in range(wanted):
        press(chromium, "TAB")
        assert chromium.execute_script(note)
    missed = "return wanted.filter(e => !reached.has(e)).map(e => e.outerHTML.slice(0, 200))"
    assert chromium.execute_script(missed) == []


def test_pictures_are_enlarged_by_keyboard(chromium: Any, report: Path) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    show(chromium, report, 375)
    state = "return [zoom.open, zoom.querySelector('img').alt, document.activeElement.className]"
    alts = chromium.execute_script(
        "const links = [...document.querySelector('.gallery').querySelectorAll('a.zoom')]; links[0].focus();"
        "return links.map(link => link.querySelector('img').alt)"
    )
    press(chromium, "ENTER")
    assert chromium.execute_script(state)[:2] == [True, alts[0]]
    inside = (
        "const b = zoom.getBoundingClientRect(); return b.left >= 0 && b.right <= 375 && b.top >= 0 && b.bottom <= 800"
    )
    assert chromium.execute_script(inside)
    for key, place in (
        ("ARROW_RIGHT", 1),
        ("ARROW_RIGHT", 2),
        ("ARROW_LEFT", 1),
        ("ARROW_LEFT", 0),
        ("ARROW_LEFT", -1),
    ):
        press(chromium, key)
        assert chromium.execute_script(state)[1] == alts[place]
    seen = set()
    for _ in range(4):  # the buttons of the dialog can be reached as well
        seen.add(chromium.execute_script(state)[2])
        press(chromium, "TAB")
    assert {"previous", "next", "close"} <= seen
    press(chromium, "ESCAPE")
    assert chromium.execute_script(state)[::2] == [False, "zoom"]
    links = "[...document.querySelector('.gallery').querySelectorAll('a.zoom')]"
    last = f"return {links}.indexOf(document.activeElement) === {len(alts) - 1}"
    WebDriverWait(chromium, 10).until(lambda browser: browser.execute_script(last))  # where the arrows ended
    press(chromium, "SPACE")
    assert chromium.execute_script(state)[0]
    press(chromium, "ESCAPE")


def test_dark_and_light_follow_the_system(chromium: Any, report: Path) -> None:
    colours = []
    for scheme in ("light", "dark"):
        show(chromium, report, 1280, prefers_color_scheme=scheme)
        colours_of = "const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]"
        colours.append([sum(map(int, c[4:-1].split(","))) for c in chromium.execute_script(colours_of)])
    (light_ground, light_ink), (dark_ground, dark_ink) = colours
    assert light_ground > 600 > 200 > light_ink
    assert dark_ground < 150 < 600 < dark_ink


def test_without_scripts_a_picture_is_enlarged_in_place(chromium: Any, report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    report.write_text(text[: text.rindex("<script>")] + text[text.rindex("</script>") + 9 :], encoding="utf-8")
    show(chromium, report, 375)
    width = "return document.querySelector('.gallery a.zoom img').getBoundingClientRect().width"
    before = chromium.execute_script(width)
    chromium.execute_script("document.querySelector('.gallery a.zoom').focus()")
    press(chromium, "ENTER")
    assert chromium.execute_script(width) > 1.5 * before


def test_on_paper_all_but_the_curves_numbers_is_open(chromium: Any, report: Path) -> None:
    show(chromium, report, 1280)
    chromium.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    closed = "return document.querySelectorAll('details:not([open], figure *)').length"
    assert chromium.execute_script(closed) == 0
    chromium.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert chromium.execute_script(closed) > 0
