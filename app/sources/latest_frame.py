"""The one-place hand-off from a producer that does not wait to a consumer that wants only the newest."""

import threading
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from app.results import Frame

T = TypeVar("T")


class Latest(Generic[T]):
    """Holds at most one item: a new one replaces a waiting one, which counts as dropped. Safe between threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many items were replaced before anybody took them."""
        with self._changed:
            return self._dropped

    def put(self, item: T) -> None:
        """Offer an item; never waits. After close it is ignored."""
        with self._changed:
            if self._closed:
                return
            self._dropped += self._item is not None
            self._item = item
            self._changed.notify()

    def take(self, timeout_s: float | None = None, unless: Callable[[], bool] = lambda: False) -> T | None:
        """Wait for an item and remove it; None after the time-out, or once closed and empty.

        Args:
            timeout_s: How long to wait; None for ever.
            unless: Whether whoever waits is no longer wanted; what has come is then left to another, and None returned.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout_s)
            if unless():
                self._changed.notify()  # this one was woken in another's place
                return None
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """Wake everybody who waits; a waiting item can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


LatestFrame: TypeAlias = Latest[Frame]
