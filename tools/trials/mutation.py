"""Spoiling things: bytes of a file, values of a config, words of a line."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

#: Values that nobody means, and that a program may stumble over.
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 3, 0.5, -0.5, 2**31, 2**32, 2**63, 2**70, 1e30, 1e308, -1e-300),
    *(float("nan"), float("inf"), "", " ", "x", "nan", "1e-4", "-1", "0", "True", "null", "auto", "none"),
    *("../../etc/passwd", "/dev/null", "~", "{data_root}", "{nonsense}", "{", "\x1b[31mred\x1b[0m", "a\nb", "é\u0301"),
    *("x" * 300, [], [1], [1, 2, 3], [[]], [None], ["a", "b"], {}, {"type": "x"}, {"type": None}, {"a": {"b": []}}),
)
#: Of these, what asks for no more than a machine of the campaign has.
MODERATE = tuple(v for v in ODD if not isinstance(v, (int, float)) or isinstance(v, bool) or abs(v) < 10 or v != v)


def spoiled(content: bytes, rng: random.Random) -> tuple[bytes, str]:
    """Bytes that were a file, and what happened to them."""
    size, way = len(content), rng.choice(("cut", "flip", "zero", "insert", "twice", "noise", "empty", "drop"))
    place = rng.randrange(size) if size else 0
    if way == "cut":
        return content[:place], f"cut at {place} of {size}"
    if way == "flip":
        data = bytearray(content)
        count = rng.choice((1, 1, 10, 100))
        for _ in range(count if size else 0):
            data[rng.randrange(size)] ^= 1 << rng.randrange(8)
        return bytes(data), f"{count} bits flipped"
    if way == "zero":
        length = rng.randrange(1, 200)
        return content[:place] + bytes(min(length, size - place)) + content[place + length :], f"zeros at {place}"
    if way == "insert":
        return content[:place] + rng.randbytes(rng.randrange(1, 50)) + content[place:], f"bytes inserted at {place}"
    if way == "drop":
        return content[:place] + content[place + rng.randrange(1, 100) :], f"bytes dropped at {place}"
    if way == "twice":
        return content + content, "written twice"
    return (rng.randbytes(rng.randrange(1, 2000)), "noise") if way == "noise" else (b"", "empty")


def nodes(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Places of everything inside dicts and lists."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield (*place, key)
        yield from nodes(inner, (*place, key))


def at(value: Any, place: tuple[Any, ...]) -> Any:
    """What stands at a place."""
    for key in place:
        value = value[key]
    return value


def mutate(value: Any, rng: random.Random, odd: tuple[Any, ...] = ODD) -> str:
    """Changes one thing inside a dict, in place; says what."""
    places = list(nodes(value))
    if not places:
        value["x"] = copy.deepcopy(rng.choice(odd))
        return "x added"
    place = rng.choice(places)
    holder, key = at(value, place[:-1]), place[-1]
    way = rng.choice(("value", "value", "value", "value", "drop", "rename", "add", "swap", "scale"))
    shown = ".".join(map(str, place))
    if way == "drop":
        del holder[key]
        return f"{shown} dropped"
    if way == "rename" and isinstance(holder, dict):
        renamed = str(key)[:-1] + rng.choice(("", "x", " ", "-", "\n"))
        holder[renamed] = holder.pop(key)
        return f"{shown} renamed {renamed!r}"
    if way == "add" and isinstance(holder, dict):
        name = rng.choice(("weight", "type", "weights", "reads", "x", "_x", "", "1", "enhancer", "size"))
        holder[name] = new = copy.deepcopy(rng.choice(odd))
        return f"{name!r} beside {shown} set to {new!r:.60}"
    if way == "swap":
        other = rng.choice(places)
        held = at(value, other)
        if place[: len(other)] != other and other[: len(place)] != place:
            at(value, other[:-1])[other[-1]], holder[key] = holder[key], held
            return f"{shown} and {'.'.join(map(str, other))} swapped"
    if way == "scale" and isinstance(holder[key], (int, float)) and not isinstance(holder[key], bool):
        holder[key] = rng.choice((-holder[key], holder[key] / 2, holder[key] + 0.5, str(holder[key]), -1, 0))
        return f"{shown} set to {holder[key]!r}"
    holder[key] = copy.deepcopy(rng.choice(odd))
    return f"{shown} set to {holder[key]!r:.60}"
