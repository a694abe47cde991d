"""Draws the house: the folders of ``lowface_core`` and the plugins, and who imports whom, as read from the imports.

    python tools/draw_house.py            # write docs/images/house.svg
    python tools/draw_house.py --check    # exit 1 if the picture is stale, or an import runs up

:data:`ORDER` is the one place where the order of the folders is written down; a test reads it from here.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "house.svg"
#: Rooms from the cellar up, with what each is for; a room imports only from rooms before it. ``base`` stands for the
#: files of :data:`BASE`, which lie directly in ``lowface_core``.
ORDER: dict[str, str] = {
    "base": "errors, files, progress, device",
    "registry": "plugins and what they offer",
    "weights": "store, downloads, state dicts",
    "data": "data sets, batches, pictures",
    "step": "names, wiring, heads",
    "config": "read, check, build",
    "runs": "what a run leaves on disk",
    "inference": "load an enhancer, use it",
    "evaluation": "measuring",
    "train": "the training loop",
    "report": "pages and tables",
    "scaffold": "new-plugin",
    "testing": "conformance suites",
    "doctor": "installation check",
    "cli": "the command line",
}
BASE = ("errors", "lazy", "variables", "files", "progress", "staged", "cluster", "processors", "device")
#: Files that belong to no room: the public surface, and what starts the command line.
ENTRANCES = ("__init__", "__main__")
WIDTH, ROOM, HEIGHT, GAP, STEP = 960, 178, 46, 14, 92


def room_of(module: str) -> str | None:
    """Room of ``lowface_core.x.y``; None for an entrance.

    Raises:
        ValueError: the module lies in a folder that :data:`ORDER` does not list.
    """
    name = module.split(".")[1] if "." in module else "__init__"
    if name in ENTRANCES:
        return None
    room = "base" if name in BASE else name
    if room not in ORDER:
        raise ValueError(f"{module}: {name!r} is in no room; add it to ORDER or BASE in tools/draw_house.py")
    return room


def imports(folder: Path, package: str) -> Iterator[tuple[str, str, int]]:
    """(importing module, imported module, line) for each import below a folder, inside functions as well."""
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        module = ".".join([package, *(part for part in parts if part != "__init__")])
        parent = module if path.stem == "__init__" else module.rpartition(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((module, alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    above = parent.split(".")[: len(parent.split(".")) - node.level + 1]
                    base = ".".join([*above, *([node.module] if node.module else [])])
                # ``from package import module`` names a module only by its last word
                yield from (
                    (module, f"{base}.{alias.name}" if base == package else base, node.lineno) for alias in node.names
                )


def core_arrows() -> dict[tuple[str, str], list[str]]:
    """(importing room, imported room) → the places ``module, line n`` of all imports between them."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for module, imported, line in imports(ROOT / "lowface_core", "lowface_core"):
        if imported.startswith("lowface_core.") and imported.split(".")[1] not in ("hookimpl", "__version__"):
            one, other = room_of(module), room_of(imported)
            if one and other and one != other:
                arrows.setdefault((one, other), []).append(f"{module}, line {line}")
    return arrows


def upward(arrows: dict[tuple[str, str], list[str]]) -> list[str]:
    """A line for each place where a room imports one above it."""
    place = {room: number for number, room in enumerate(ORDER)}
    return [
        f"{where}: {one} imports {other}, which is above it"
        for (one, other), places in arrows.items()
        if place[other] > place[one]
        for where in places
    ]


def floors(arrows: dict[tuple[str, str], list[str]]) -> list[list[str]]:
    """Rooms by floor, lowest first: each stands one floor above the highest room it imports."""
    floor: dict[str, int] = {}
    for room in ORDER:
        below = [floor[other] for one, other in arrows if one == room and other in floor]
        floor[room] = max(below, default=-1) + 1
    return [[room for room in ORDER if floor[room] == number] for number in range(max(floor.values()) + 1)]


def direct(arrows: dict[tuple[str, str], list[str]]) -> list[tuple[str, str]]:
    """The arrows that no way over another room implies; the picture shows these alone."""
    below: dict[str, set[str]] = {room: set() for room in ORDER}
    for room in ORDER:
        for one, other in arrows:
            if one == room:
                below[room] |= {other} | below.get(other, set())
    return [
        (one, other)
        for one, other in arrows
        if not any(other in below[middle] for start, middle in arrows if start == one and middle != other)
    ]


def draw() -> str:
    """The picture as SVG text; the same imports give the same text."""
    arrows = core_arrows()
    rows = floors(arrows)
    plugins = sorted(path.name for path in (ROOT / "plugins").iterdir() if (path / "__init__.py").is_file())
    top = 96 + 34 * -(-len(plugins) // 5)
    height = top + STEP * len(rows) + 10
    place: dict[str, tuple[float, float]] = {}
    boxes: list[str] = []
    for number, row in enumerate(rows):
        y = top + STEP * (len(rows) - 1 - number)
        left = (WIDTH - len(row) * ROOM - (len(row) - 1) * GAP) / 2
        for index, room in enumerate(row):
            x = left + index * (ROOM + GAP)
            place[room] = (x + ROOM / 2, y)
            boxes.append(_box(x, y, ROOM, HEIGHT, "room", room, ORDER[room]))
    lines = [
        f'<path class="arrow" d="M{place[one][0]:.0f} {place[one][1] + HEIGHT:.0f}'
        f' L{place[other][0]:.0f} {place[other][1] - 5:.0f}"/>'
        for one, other in sorted(direct(arrows))
    ]
    attic = [
        _box(20 + 186 * (i % 5), 36 + 34 * (i // 5), 176, 28, "plugin", name.removeprefix("lowface_"), "")
        for i, name in enumerate(plugins)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
            ' aria-label="Folders of lowface_core by floor, with the imports between them; plugins above">',
            "<style>text{font:13px sans-serif;fill:#222;text-anchor:middle}.s{font-size:11px;fill:#555}"
            ".h{font-size:12px;fill:#555;text-anchor:start}.room{fill:#eef3fb;stroke:#5b7db1}.plugin{fill:#f4efe2;stroke:#a58a4b}"
            ".arrow{stroke:#8a94a6;fill:none;marker-end:url(#a)}</style>",
            '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0 L8 4 L0 8z" fill="#8a94a6"/></marker></defs>',
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
            '<text class="h" x="20" y="24">plugins: they import the core, the core imports none of them</text>',
            *attic,
            f'<text class="h" x="20" y="{top - 18}">lowface_core: an arrow points to what is imported; those that'
            " follow from others are left out</text>",
            *lines,
            *boxes,
            "</svg>\n",
        ]
    )


def _box(x: float, y: float, width: float, height: float, kind: str, name: str, about: str) -> str:
    middle = x + width / 2
    text = f'<text x="{middle:.0f}" y="{y + (20 if about else 19):.0f}">{escape(name)}</text>'
    if about:
        text += f'<text class="s" x="{middle:.0f}" y="{y + 36:.0f}">{escape(about)}</text>'
    return f'<rect class="{kind}" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" rx="5"/>{text}'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the picture is stale")
    arguments = parser.parse_args()
    faults = upward(core_arrows())
    if faults:
        print("\n".join(faults), file=sys.stderr)
        return 1
    picture = draw()
    if not arguments.check:
        PICTURE.write_text(picture, encoding="utf-8")
    elif not PICTURE.is_file() or PICTURE.read_text(encoding="utf-8") != picture:
        print(f"{PICTURE.relative_to(ROOT)} is stale; run python tools/draw_house.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
