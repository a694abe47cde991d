"""How many requests are worked on at once."""

from __future__ import annotations

import asyncio
from typing import Any

from lowface_service.refusal import Refusal


class Slots:
    """Counts what runs; used from the event loop's thread alone, so nothing needs a lock.

    Args:
        most: requests at once.
    """

    def __init__(self, most: int) -> None:
        self.most, self.running = most, 0

    def take(self) -> None:
        """Raises a 429 where all are taken."""
        if self.running >= self.most:
            raise Refusal(429, f"busy with {self.most} requests, which is the most at once; try again later")
        self.running += 1

    def give(self) -> None:
        """Ends what :meth:`take` began."""
        self.running -= 1

    def ended(self, future: asyncio.Future[Any]) -> None:
        """:meth:`give` for work that nobody waits for any more; its error is nobody's."""
        self.give()
        if not future.cancelled():
            future.exception()
