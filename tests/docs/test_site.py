"""The documentation site: builds strictly, loads nothing from elsewhere, has no dead link, fits a phone."""

from __future__ import annotations

import html.parser
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

ROOT = Path(__file__).parents[2]
#: Attributes by which a page makes a browser fetch something.
FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}
NARROW, WIDE = 375, 1280


class Page(html.parser.HTMLParser):
    """Ids, links and fetched addresses of a built page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        self.ids |= {found[key] for key in ("id", "name") if key in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if FETCHED.get(tag) in found and found.get("rel") not in ("canonical", "next", "prev", "edit"):
            self.fetched.append(found[FETCHED[tag]])


@pytest.fixture(scope="module")
def site(python: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly: an unknown file in the navigation, a dead link or anchor is an error."""
    folder = tmp_path_factory.mktemp("site")
    words = ("-m", "mkdocs", "build", "--strict", "--site-dir", folder)
    done = python(*words, cwd=ROOT, NO_MKDOCS_2_WARNING="1")
    assert done.code == 0, done.out + done.err
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted(site.rglob("*.html")) if path.name != "404.html"}


def navigation(entries: Any) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, str):
            yield entry
        else:
            for inner in entry.values():
                yield from navigation([inner] if isinstance(inner, str) else inner)


def test_every_page_is_in_the_navigation_once(root: Path) -> None:
    named = list(navigation(yaml.safe_load((root / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]))
    there = {path.relative_to(root / "docs").as_posix() for path in (root / "docs").rglob("*.md")}
    assert sorted(named) == sorted(there)


def test_every_page_is_built(site: Path, root: Path) -> None:
    for path in (root / "docs").rglob("*.md"):
        name = path.relative_to(root / "docs").with_suffix("")
        built = site / (name.parent if name.name == "index" else name) / "index.html"
        assert built.is_file(), built


def test_links_and_anchors_lead_somewhere(pages: dict[Path, Page], site: Path) -> None:
    dead = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                dead.append(f"{path.relative_to(site)}: {link}")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
                dead.append(f"{path.relative_to(site)}: {link} has no such anchor")
    assert not dead, "\n".join(dead)


def test_links_into_the_repository_name_files_of_it(pages: dict[Path, Page], root: Path) -> None:
    into = yaml.safe_load((root / "mkdocs.yml").read_text(encoding="utf-8"))["extra"]["repository"]
    named = {link.removeprefix(into).split("#")[0] for page in pages.values() for link in page.links if into in link}
    assert named
    assert not [name for name in named if not (root / name).exists()]


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Page], site: Path) -> None:
    assert not {address for page in pages.values() for address in page.fetched if urlsplit(address).netloc}
    for path in site.rglob("*.css"):
        assert not re.search(r"(?:@import|url\()\s*['\"]?(?:https?:)?//", path.read_text(encoding="utf-8")), path


def test_formulas_are_drawn_by_the_browser(site: Path) -> None:
    text = (site / "equations" / "index.html").read_text(encoding="utf-8")
    assert text.count("<math ") > 40
    assert "arithmatex" not in text
    assert not re.search(r"\\(?:frac|sum|bar)\b", re.sub(r"<annotation.*?</annotation>", "", text))


def test_the_search_index_holds_the_guide(site: Path) -> None:
    index = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    assert "plugins/loss/#by-hand" in index


def test_a_missing_file_of_the_checkout_is_a_warning(root: Path, tool: Any, caplog: pytest.LogCaptureFixture) -> None:
    hooks = tool("mkdocs_hooks")

    class Config:
        docs_dir, config_file_path = str(root / "docs"), str(root / "mkdocs.yml")
        extra: dict[str, str] = {"repository": "https://host/repo/"}  # noqa: RUF012

    class At:
        class file:
            src_uri = "plugins/page.md"

    text = "[a](../../README.md#usage) [b](../data.md) [c](../../nothing.md)"
    written = hooks.on_page_markdown(text, At, Config, None)
    assert written == "[a](https://host/repo/README.md#usage) [b](../data.md) [c](https://host/repo/nothing.md)"
    assert "nothing.md" in caplog.text
    assert "README" not in caplog.text


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """The site at an address of this machine."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(site)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        port = re.search(r"port (\d+)", server.stdout.readline())
        assert port
        yield f"http://127.0.0.1:{port[1]}/"
        server.kill()


@pytest.mark.slow
@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_pages_fit_phone_and_desktop(
    chromium: Any, served: str, pages: dict[Path, Page], site: Path, width: int
) -> None:
    """No page is wider than the window, no script complains, and nothing is requested from another host."""
    chromium.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    )
    wide = {}
    for path in pages:
        name = path.parent.relative_to(site).as_posix()
        chromium.get(f"{served}{'' if name == '.' else name + '/'}")
        if (wanted := chromium.execute_script("return document.documentElement.scrollWidth")) > width:
            wide[name] = wanted
        requested = chromium.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
        assert not [address for address in requested if not address.startswith((served, "data:", "blob:"))], name
        if folder := os.environ.get("LOWFACE_SCREENSHOTS"):
            chromium.save_screenshot(f"{folder}/{path.parent.name}_{width}.png")
    assert not wide, f"wider than {width} pixels: {wide}"
    assert not [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"]


@pytest.mark.slow
def test_copying_a_console_block_gives_its_commands(chromium: Any, served: str) -> None:
    chromium.get(f"{served}plugins/loss/")
    copied = chromium.execute_script(
        "const all = [...document.querySelectorAll('.highlight code')];"
        "const code = all.find(one => one.textContent.includes('list-plugins'));"
        "code.setAttribute('data-md-copying', ''); return code.innerText"
    )
    assert [line for line in copied.splitlines() if line.strip()] == [
        "pip install -e .",
        "lowface list-plugins --kind loss",
        "lowface describe exposure",
    ]
