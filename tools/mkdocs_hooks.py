"""What the documentation site needs besides markdown: links that leave ``docs/``, and formulas without JavaScript.

The pages are read on GitHub as well, so they link to the checkout's files relatively, and write formulas as ``$…$``.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import mkdocs.plugins

log = mkdocs.plugins.get_plugin_logger("lowface")
LINK = re.compile(r"(\]\()((?:\.\./)+[^)#\s]+)(#[^)\s]*)?(\))")
FORMULA = re.compile(r'<(span|div) class="arithmatex">(?:\\\(|\\\[)(.*?)(?:\\\)|\\\])</\1>', re.DOTALL)


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Relative links to files outside ``docs/`` become links into the repository; a missing file is a warning."""
    docs = Path(config.docs_dir).resolve()
    root = Path(config.config_file_path).resolve().parent
    folder = (docs / page.file.src_uri).parent

    def outside(match: re.Match[str]) -> str:
        target = (folder / match[2]).resolve()
        if target.is_relative_to(docs) or not target.is_relative_to(root):
            return match[0]
        if not target.exists():
            log.warning("%s links to %s, which is not in the checkout", page.file.src_uri, match[2])
        address = config.extra["repository"] + target.relative_to(root).as_posix()
        return f"{match[1]}{address}{match[3] or ''}{match[4]}"

    return LINK.sub(outside, markdown)


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    """Formulas become MathML, which browsers draw themselves."""
    return FORMULA.sub(mathml, html)


def mathml(match: re.Match[str]) -> str:
    """One formula as MathML."""
    from latex2mathml.converter import convert

    return convert(html.unescape(match[2]), display="block" if match[1] == "div" else "inline")
