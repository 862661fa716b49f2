"""Requests to end, Ctrl-C and SIGTERM, and what they must not cut in two."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def without_interruption() -> Iterator[None]:
    """Hold requests to end back until the block has ended; then what they ask for happens, once.

    Else the exception that they raise would leave a thread at work on what is being closed, or a file without its end.
    Only the main thread is ever interrupted; on another one this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    held = {number: handler for number, handler in handlers.items() if callable(handler)}  # not what is ignored
    for number in held:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
        if came:
            held[signal.Signals(came[0])](came[0], None)
