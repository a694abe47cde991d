"""A reader who does what a page says: writes its files, types its commands, compares what comes back.

Rules for the fenced blocks of ``docs/plugins/*.md``; a block that fits none of them fails the test:

* a block with ``title="path"`` is a file: it is written there, relative to where the reader is, and must parse;
* ``console``: lines that begin with ``$ `` are typed into bash, in order, in one session; the lines below a command are
  its output. ``…`` stands for anything within a line, a line of ``…`` for any lines; runs of blanks count as one. Lines
  before and after those shown do not matter. A command must exit with 0, or with N where ``<!-- exit N -->`` stands
  above the block (for its last command);
* ``python`` without a title is a program, run where the reader is; ``toml``, ``yaml`` and ``json`` must parse. On pages
  that ``tools/make_docs.py`` writes from the code, ``python`` shows signatures and must parse.

Comments that readers do not see: ``<!-- continues page.md -->`` at the top of a page, whose reader has written the
files of that page before; ``<!-- given FOLDER -->`` above a block, whose reader has a copy of that folder of the
checkout.

Nothing touches the network, and nothing is left out. What is otherwise than at a reader's:

* ``python -m venv`` makes a link to an environment of the page's own, which sees what is installed where the tests run.
  So ``pip install lowface`` finds it installed. Everything else pip does is real: it builds, installs and removes in
  that environment, without an index and without build isolation.
* ``twine`` tests the files it is given instead of sending them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.pages import Block, blocks_of

ROOT = Path(__file__).parents[2]
LEFTOVERS = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "dist", "work_dirs", "runs")
CONTINUES = re.compile(r"^<!-- continues (\S+) -->$", re.MULTILINE)
SCRIPT = "#!{python}\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n"
SCRIPTS = {
    "lowface": ("lowface_core.cli", "main"),
    "pytest": ("pytest", "main"),
}
PIP = """#!{python}
import sys
from pip._internal.cli.main import main
words = sys.argv[1:]
sys.exit(main([*words[:1], *["--no-build-isolation"] * (words[0] in ("install", "wheel")), *words[1:]]))
"""
VENV = '#!/bin/sh\nif [ "$1 $2" = "-m venv" ]; then exec ln -sfn "{env}" "$3"; fi\nexec "{env}/bin/python" "$@"\n'
TWINE = '#!/bin/sh\nshift\nfor file; do "{env}/bin/python" -m zipfile -t "$file" || exit 1; done\n'
TYPED = """
[ -f "{state}" ] && . "{state}"
{command}
code=$?
export -p > "{state}"
pwd > "{state}.cwd"
exit $code
"""


def commands_of(text: str) -> Iterator[tuple[str, list[str]]]:
    """The commands of a console block with the output shown for each."""
    command, shown = None, []
    for line in text.splitlines():
        if line.startswith("$ "):
            if command is not None:
                yield command, shown
            command, shown = line[2:], []
        elif command is None:
            raise ValueError(f"a console block begins with a command, not with {line!r}")
        elif command.endswith("\\"):
            command = f"{command}\n{line}"
        else:
            shown.append(line)
    if command is not None:
        yield command, shown


def shows(output: str, shown: list[str]) -> bool:
    """Whether the lines shown occur in the output, one after another."""
    wanted = [" ".join(line.split()) for line in shown]
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line == "…" else re.sub(r"(?:\\ )?…(?:\\ )?", r"[^\\n]*", re.escape(line)) + r"\n"
        for line in wanted
    )
    flat = "".join(" ".join(line.split()) + "\n" for line in output.splitlines())
    return re.search(rf"^{pattern}", flat, re.MULTILINE) is not None


class Reader:
    """Someone at a terminal in an empty folder, with a page to follow.

    Args:
        folder: an empty folder; the reader works in ``work`` below it.
    """

    def __init__(self, folder: Path) -> None:
        self.env, self.work = folder / "env", folder / "work"
        self.cwd, self._state = self.work, folder / "state"
        for path in (self.work, folder / "home", folder / "bin"):
            path.mkdir()
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(self.env)], check=True)
        self.python = self.env / "bin" / "python"
        inside = subprocess.run(
            [self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        seen = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        (Path(inside) / "parent.pth").write_text("".join(f"import site; site.addsitedir({p!r})\n" for p in seen))
        for name, (module, function) in SCRIPTS.items():
            text = SCRIPT.format(python=self.python, module=module, function=function)
            self._script(self.env / "bin" / name, text)
        self._script(self.env / "bin" / "pip", PIP.format(python=self.python))
        self._script(folder / "bin" / "python", VENV.format(env=self.env))
        self._script(folder / "bin" / "twine", TWINE.format(env=self.env))
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "LOWFACE", "PIP_", "PYTHONPATH"))}
        self.environment = {
            **kept,
            "PATH": f"{folder / 'bin'}:{self.env / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder / "home"),
            "LOWFACE_HOME": str(folder / "home" / "lowface"),
            "OMP_NUM_THREADS": "1",
            "NO_COLOR": "1",
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    @staticmethod
    def _script(path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def follow(self, block: Block) -> None:
        """Does what a block says; fails the test where it goes otherwise."""
        block.parse()
        if block.given:
            shutil.copytree(ROOT / block.given, self.cwd / Path(block.given).name, ignore=LEFTOVERS)
        if block.rule == "file":
            self.write(block)
        elif block.rule == "python":
            done = self._run([str(self.python), "-"], block.text)
            assert done.returncode == 0, f"{block.place}: exit {done.returncode}\n{done.stdout}"
        elif block.rule == "console":
            self._type_all(block)
        else:
            assert block.rule == "parsed", f"{block.place}: no rule for a block in {block.language or 'no language'!r}"

    def write(self, block: Block) -> None:
        """The file of a titled block."""
        path = self.cwd / str(block.title)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")

    def _type_all(self, block: Block) -> None:
        every = list(commands_of(block.text))
        assert every, f"{block.place}: a console block without a command"
        for number, (command, shown) in enumerate(every, 1):
            output, code = self.type(command)
            wanted = block.exit if number == len(every) else 0
            story = f"{block.place}: $ {command}\n{output}"
            assert code == wanted, f"{story}\nexit {code}, not {wanted}"
            assert shows(output, shown), f"{story}\nnot as shown:\n" + "\n".join(shown)

    def type(self, command: str) -> tuple[str, int]:
        """What a command prints and how it exits; folder and exported variables stay for the next one."""
        typed = TYPED.format(state=self._state, command=command)
        done = self._run(["bash", "-c", typed])
        self.cwd = Path(Path(f"{self._state}.cwd").read_text().strip())
        return done.stdout, done.returncode

    def _run(self, command: list[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.cwd,
            env=self.environment,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1200,
            check=False,
        )


@pytest.fixture
def follow(tmp_path: Path) -> Callable[[Path], Reader]:
    """Follows a page from its first block to its last; gives the reader, who is then where the page leads."""

    def run(page: Path) -> Reader:
        reader = Reader(tmp_path)
        for before in CONTINUES.findall(page.read_text(encoding="utf-8")):
            for block in blocks_of(page.parent / before):
                if block.rule == "file":
                    reader.write(block)
        for block in blocks_of(page):
            reader.follow(block)
        return reader

    return run
