"""Fenced blocks of documentation pages, and the command lines in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib  # type: ignore[import-not-found, no-redef]

FENCE = re.compile(
    r"(?:^<!-- given (?P<given>\S+) -->\n+)?"
    r"(?:^<!-- exit (?P<exit>\d+) -->\n+)?"
    r"^```(?P<language>\w*)(?P<facts>[^\n]*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
TITLE = re.compile(r'\btitle="([^"]+)"')
PARSERS: dict[str, Callable[[str], object]] = {
    "python": lambda text: compile(text, "block", "exec"),
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
    "json": json.loads,
}


@dataclass(frozen=True)
class Block:
    """A fenced block of a page; ``line`` is that of its opening fence."""

    page: Path
    line: int
    language: str
    title: str | None
    text: str
    exit: int
    given: str | None
    generated: bool

    @property
    def place(self) -> str:
        return f"{self.page.name}:{self.line}"

    @property
    def rule(self) -> str | None:
        """How the block is tested; None: it is not."""
        if self.title:
            return "file"
        if self.language == "console" or (self.language == "python" and not self.generated):
            return self.language
        return "parsed" if self.language in PARSERS else None

    def parse(self) -> None:
        """Raises what the language's own parser raises."""
        if self.language in PARSERS:
            PARSERS[self.language](self.text)


def blocks_of(page: Path) -> list[Block]:
    """Every fenced block of a page, in order."""
    content = page.read_text(encoding="utf-8")
    generated = content.startswith("<!-- made by tools/make_docs.py")
    found = []
    for match in FENCE.finditer(content):
        line = content.count("\n", 0, match.start("language")) + 1
        title = TITLE.search(match["facts"])
        code = int(match["exit"] or 0)
        found.append(
            Block(page, line, match["language"], title and title[1], match["text"], code, match["given"], generated)
        )
    return found


def lowface_lines(page: Path) -> Iterator[str]:
    """Every command line ``lowface …`` that a page shows, without prompts and comments."""
    for block in blocks_of(page):
        if block.language in ("", "console"):
            for line in block.text.splitlines():
                for part in line.split(" #")[0].split("&&"):
                    if part.strip().removeprefix("$ ").startswith("lowface "):
                        yield part.strip().removeprefix("$ ")
