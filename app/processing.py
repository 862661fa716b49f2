"""A source through the pipeline into sinks: every frame is read, searched and written, and the three overlap."""

import itertools
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from app.results import Frame, FrameResult
from app.sources import Source
from app.sources.prefetch import Prefetch
from model.interruption import without_interruption

T = TypeVar("T")
_WAITING_FRAMES = 8
_WAITING_BYTES = 128_000_000


class FramePipeline(Protocol):
    """What processing needs of a PosePipeline."""

    def process(self, frame: Frame) -> FrameResult: ...

    def reset(self) -> None: ...

    def number_by(self, ids: Iterator[int]) -> None: ...


def process_source(
    source: Source,
    pipeline: FramePipeline,
    write: Callable[[Frame, FrameResult], None],
    *,
    duration_s: float | None = None,
    on_result: Callable[[FrameResult], None] = lambda result: None,
    on_break: Callable[[], None] = lambda: None,
) -> None:
    """Find everybody in every frame of a source.

    However it ends, with the source, an error or Ctrl-C, what was found by then is written before this returns or
    raises.

    Args:
        source: Where frames come from; a live one drops those that are not taken in time.
        pipeline: Finds people. It starts anew here, ids included, so that a file's results do not hang on what else is
            processed, and, apart from ids, before every frame of a source that is not continuous.
        write: Takes every frame and its result, in order, on a thread of its own.
        duration_s: Stop before the first frame as late as this; None for the whole source.
        on_result: Told of every result, on the calling thread.
        on_break: Called where this ends by an error or Ctrl-C, before all of what waits is written.

    Raises:
        SourceError: The source fails; what came before is written.
        SinkError: `write` raised it; what came before is written.
    """
    pipeline.reset()
    pipeline.number_by(itertools.count(1))
    # Pictures of a folder are of any size: the next one may be much larger than the first.
    waiting = _waiting_frames(source.size) if source.continuous else 1
    writer: Background[tuple[Frame, FrameResult]] = Background(lambda pair: write(*pair), waiting, on_break)
    with _frames_of(source, waiting) as frames, writer:
        for frame in frames:
            if duration_s is not None and frame.time_s >= duration_s:
                break
            if not source.continuous:
                pipeline.reset()
            result = pipeline.process(frame)
            writer.put((frame, result))
            on_result(result)


def _waiting_frames(size: tuple[int, int]) -> int:
    """How many frames of this height and width may wait: fewer of large ones, for memory's sake."""
    return min(max(_WAITING_BYTES // (3 * size[0] * size[1]), 1), _WAITING_FRAMES)


@contextmanager
def _frames_of(source: Source, waiting: int) -> Iterator[Iterator[Frame]]:
    if source.is_live:  # reads on a thread of its own already; frames that wait for their turn would be old
        yield iter(source)
        return
    with Prefetch(source, waiting) as frames:
        yield frames


class Background(Generic[T]):
    """Does something to items on a thread of its own, in order, at most `waiting` items behind.

    An error ends the work and is raised by the next `put`, or where the `with` block ends; nothing is done to the items
    after it. The end of the block waits for what has been put, also after an exception in the block.

    Args:
        work: What to do.
        waiting: How many items may wait.
        on_break: Called where the end is asked for: after an exception in the block, before what has been put is
            waited for, and at Ctrl-C meanwhile.
    """

    def __init__(self, work: Callable[[T], None], waiting: int, on_break: Callable[[], None] = lambda: None) -> None:
        self._work = work
        self._on_break = on_break
        self._items: queue.Queue[T | None] = queue.Queue(waiting)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def put(self, item: T) -> None:
        """Hand over an item; waits while too many wait already."""
        self._raise_error()
        self._items.put(item)

    def _run(self) -> None:
        while (item := self._items.get()) is not None:
            if self._error is not None:
                continue  # so that nobody waits for room in the queue
            try:
                self._work(item)
            except BaseException as error:
                self._error = error

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with without_interruption(self._on_break):
            if error is not None:
                self._on_break()
            self._items.put(None)
            self._thread.join()
        if error is None:
            self._raise_error()
