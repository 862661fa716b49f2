"""Requests to end (Ctrl-C, SIGTERM, a terminal that closes), and what they must not cut in two."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_REQUESTS = ("SIGINT", "SIGTERM", "SIGHUP")  # the last comes where a terminal is closed; Windows has none


def requests_to_end() -> list[signal.Signals]:
    """The signals that ask this process to end, but those that it was started to ignore: by a shell, or by nohup."""
    numbers = [signal.Signals[name] for name in _REQUESTS if hasattr(signal, name)]
    return [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]


@contextmanager
def without_interruption(on_request: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Hold requests to end back until the block has ended; then what they ask for happens, once.

    Args:
        on_request: Called when one comes, within the block, which it may hasten.

    Else the exception that they raise would leave a thread at work on what is being closed, or a file without its end.
    Only the main thread is ever interrupted; on another one this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    held: dict[signal.Signals, Callable[[int, FrameType | None], Any]] = {}

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)
        on_request()

    try:
        for number in requests_to_end():
            handler = signal.getsignal(number)
            if callable(handler):  # and not left to the system
                held[number] = handler
                signal.signal(number, note)
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
        if came:
            held[signal.Signals(came[0])](came[0], None)
