"""Pickles of plain data, read without running anything: lists, tuples, bytes and booleans, and not a thing more.

``pickle.load`` is a small machine whose words may call any function there is. Here the words are looked at one by one
(``pickletools`` tells them apart, and runs none), those that build plain data are followed, and at any other the file
is refused.
"""

from __future__ import annotations

import io
import pickletools
from pathlib import Path
from typing import Any, BinaryIO

from lowface_core.errors import DataError

#: Words that leave everything as it is, put down a mark, an empty list or a boolean.
_NOTHING, _MARK = frozenset({"PROTO", "FRAME"}), object()
_BOOLEANS = {"NEWTRUE": True, "NEWFALSE": False}
#: Words for bytes; those of Python 2 are its texts, which are bytes there.
_BYTES = frozenset({"BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BINSTRING", "SHORT_BINSTRING"})
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_PUT, _GET = frozenset({"PUT", "BINPUT", "LONG_BINPUT"}), frozenset({"GET", "BINGET", "LONG_BINGET"})


def read_plain_pickle(path: Path) -> Any:
    """What a pickle of lists, tuples, bytes and booleans holds, of protocol 1 or later; texts of Python 2 are bytes.

    Raises:
        DataError: the file cannot be read, is no pickle, or builds anything else: a number, a text, an object, a call.
    """
    try:
        # from memory: a stream there gives no more than it has, however many bytes a word claims
        return _Machine(path).run(io.BytesIO(path.read_bytes()))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise DataError(f"{path}: is no pickle of protocol 1 or later, or a damaged one") from error


class _Machine:
    """Follows the words of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self, file: BinaryIO) -> Any:
        for word, argument, _ in pickletools.genops(file):
            if word.name == "STOP":
                (value,) = self.stack
                if value is _MARK:
                    raise ValueError("ends at a mark")
                return value
            self._follow(word.name, argument)
        raise ValueError("has no end")

    def _follow(self, name: str, argument: Any) -> None:
        stack, memo = self.stack, self.memo
        if name in _NOTHING:
            return
        if name in _BYTES:
            stack.append(argument.encode("latin-1") if isinstance(argument, str) else bytes(argument))
        elif name in _BOOLEANS or (name == "INT" and isinstance(argument, bool)):  # Python 2 spells them as numbers
            stack.append(_BOOLEANS.get(name, argument))
        elif name == "MARK":
            stack.append(_MARK)
        elif name == "EMPTY_LIST":
            stack.append([])
        elif name in ("LIST", "TUPLE"):
            items = self._marked()
            stack.append(items if name == "LIST" else tuple(items))
        elif name in _TUPLES:
            items = [stack.pop() for _ in range(_TUPLES[name])]
            if any(item is _MARK for item in items):
                raise ValueError("a mark in a tuple")
            stack.append(tuple(reversed(items)))
        elif name == "APPEND":
            self._extend([stack.pop()])
        elif name == "APPENDS":
            self._extend(self._marked())
        elif name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif name in _PUT:
            memo[int(argument)] = stack[-1]
        elif name in _GET:
            stack.append(memo[int(argument)])
        elif name == "POP":
            stack.pop()
        else:
            raise DataError(
                f"{self.path}: is refused: it holds more than lists, tuples, bytes and booleans (pickle's {name}), "
                "which could run commands; nothing of it was run"
            )

    def _marked(self) -> list[Any]:
        """What was put down since the last mark, which goes with it."""
        last = next((i for i, item in enumerate(reversed(self.stack)) if item is _MARK), None)
        if last is None:
            raise ValueError("there is no mark")
        place = len(self.stack) - 1 - last
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items

    def _extend(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], list) or any(item is _MARK for item in items):
            raise ValueError("appends to something else")
        self.stack[-1].extend(items)
