"""Reads ahead on a thread of its own, so that decoding overlaps with what is done to the frames."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from app.closing import ClosedAtExit
from model.interruption import without_interruption

T = TypeVar("T")


class Prefetch(ClosedAtExit, Generic[T]):
    """Iterates over something on its own thread, at most `maxsize` items ahead; no item is left out.

    An exception of the iteration is raised to the consumer in its place, after the items before it. Leaving the `with`
    block early stops the thread and waits for it: at most as long as one item takes.

    Args:
        items: What to iterate over; touched by the thread alone.
        maxsize: How many items may wait.
    """

    def __init__(self, items: Iterable[T], maxsize: int = 8) -> None:
        if maxsize < 1:
            raise ValueError(f"maxsize is {maxsize}; at least one item must be able to wait")
        self._maxsize = maxsize
        self._waiting: deque[T] = deque()
        self._changed = threading.Condition()
        self._error: BaseException | None = None
        self._ended = False
        self._stopped = False
        self._thread = threading.Thread(target=self._read, args=(items,), name="prefetch", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if self._waiting:
                item = self._waiting.popleft()
                self._changed.notify_all()
                return item
            error, self._error = self._error, None
        self._thread.join()
        if error is not None:
            raise error
        raise StopIteration

    def close(self) -> None:
        """Stop reading, drop what waits and wait for the thread."""
        with without_interruption():
            with self._changed:
                self._stopped = True
                self._waiting.clear()
                self._changed.notify_all()
            self._thread.join()

    def _read(self, items: Iterable[T]) -> None:
        error: BaseException | None = None
        try:
            for item in items:
                if not self._offer(item):
                    break
        except BaseException as raised:  # whatever it is, it belongs to the consumer's thread
            error = raised
        with self._changed:
            self._error = error
            self._ended = True
            self._changed.notify_all()

    def _offer(self, item: T) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) < self._maxsize or self._stopped)
            if not self._stopped:
                self._waiting.append(item)
                self._changed.notify_all()
            return not self._stopped
