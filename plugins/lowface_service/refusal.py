"""Why a request is not answered with a picture."""

from __future__ import annotations


class Refusal(Exception):
    """A status code with one line of text."""

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status, self.line = status, " ".join(line.split())
