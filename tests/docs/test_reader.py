"""The reader notices what is not as a page says; a guide whose tests cannot fail proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GOOD = """
Some text.

```python title="greet.py"
import os

print("hello", os.environ["NAME"])
print(1.25, "s")
```

```console
$ export NAME=reader
$ mkdir -p deep/er && cd deep
$ python ../greet.py
hello reader
1.… s
$ python -m venv .venv
$ . .venv/bin/activate
$ which python
…/env/bin/python
```

```python title="er/in_the_folder_where_the_reader_is.py"
```

```python
from pathlib import Path

assert Path("er/in_the_folder_where_the_reader_is.py").is_file()
```

<!-- exit 3 -->
```console
$ seq 5
2
…
5
$ (exit 3)
```
"""


@pytest.fixture
def page(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path_factory.mktemp("pages") / "page.md"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_page_is_followed(page: Callable[[str], Path], follow: Callable[[Path], Any]) -> None:
    reader = follow(page(GOOD))
    assert reader.cwd.name == "deep"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```console\n$ echo one\ntwo\n```\n", "not as shown"),
        ("```console\n$ printf 'a\\nb\\nc\\n'\na\nc\n```\n", "not as shown"),
        ("```console\n$ false\n```\n", "exit 1, not 0"),
        ("<!-- exit 1 -->\n```console\n$ true\n```\n", "exit 0, not 1"),
        ("```python\nraise SystemExit(2)\n```\n", "exit 2"),
        ("```fortran\nend\n```\n", "no rule for a block in 'fortran'"),
        ("```\nlowface train\n```\n", "no rule for a block in 'no language'"),
    ],
)
def test_what_is_not_as_the_page_says_fails(page: Any, follow: Any, text: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        follow(page(text))


@pytest.mark.parametrize("language", ["toml", "json", "yaml", "python"])
def test_what_does_not_parse_fails(page: Callable[[str], Path], follow: Callable[[Path], Any], language: str) -> None:
    with pytest.raises(Exception, match=r"line 1|invalid|expected|Invalid|Expecting"):
        follow(page(f"```{language}\n{{a: [ = \n```\n"))
