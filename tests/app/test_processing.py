import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from app.errors import SinkError, SourceError
from app.processing import Background, process_source
from app.results import Frame, FrameResult
from app.sources.prefetch import Prefetch
from model.interruption import without_interruption


@dataclass
class FakeSource:
    """Some grey frames a tenth of a second apart; fails after them where an error is given."""

    frames: int
    continuous: bool = True
    is_live: bool = False
    error: Exception | None = None
    name: str = "fake"
    size: tuple[int, int] = (8, 8)

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self.frames):
            yield Frame(index, index / 10, np.full((8, 8, 3), index % 256, np.uint8))
        if self.error is not None:
            raise self.error


@dataclass
class FakePipeline:
    """Finds nobody and remembers what it was asked."""

    seen: list[int] = field(default_factory=list)
    resets: int = 0
    ids: Iterator[int] = field(default_factory=lambda: iter(()))

    def process(self, frame: Frame) -> FrameResult:
        self.seen.append(frame.index)
        return FrameResult(frame.index, frame.time_s, frame.size, ())

    def reset(self) -> None:
        self.resets += 1

    def number_by(self, ids: Iterator[int]) -> None:
        self.ids = ids


def own_threads() -> list[str]:
    """Threads of this module that still run; those of other tests are their own matter."""
    return [thread.name for thread in threading.enumerate() if thread.name in ("writer", "prefetch")]


def run(source: FakeSource, pipeline: FakePipeline | None = None, **options: object) -> list[int]:
    written: list[int] = []
    process_source(source, pipeline or FakePipeline(), lambda frame, result: written.append(frame.index), **options)
    return written


@pytest.mark.parametrize("is_live", [False, True])
def test_every_frame_is_written_in_order(is_live: bool) -> None:
    told: list[int] = []
    source = FakeSource(100, is_live=is_live)
    assert run(source, on_result=lambda result: told.append(result.frame_index)) == list(range(100)) == told


def test_tracking_begins_anew_for_each_source_and_each_unrelated_picture() -> None:
    video, pictures = FakePipeline(), FakePipeline()
    run(FakeSource(5), video)
    run(FakeSource(5, continuous=False), pictures)
    assert video.resets == 1
    assert pictures.resets >= 5


def test_people_are_numbered_from_1_in_every_source() -> None:
    pipeline = FakePipeline()
    for _ in range(2):
        run(FakeSource(5), pipeline)
        assert [next(pipeline.ids) for _ in range(3)] == [1, 2, 3]


def test_one_picture_of_a_folder_waits_for_the_next_may_be_far_larger() -> None:
    read: list[int] = []

    class Pictures(FakeSource):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                read.append(frame.index)
                yield frame

    def wait(result: FrameResult) -> None:
        time.sleep(0.05)
        assert len(read) <= result.frame_index + 3  # this one, one that waits, one that would like to

    run(Pictures(6, continuous=False), on_result=wait)
    assert len(read) == 6


def test_duration_counts_the_sources_own_seconds() -> None:
    assert run(FakeSource(100), duration_s=1.0) == list(range(10))
    assert run(FakeSource(100), duration_s=0.0) == []


def test_what_came_before_a_broken_source_is_written() -> None:
    written: list[int] = []
    with pytest.raises(SourceError, match="broken"):
        process_source(
            FakeSource(30, error=SourceError("broken")), FakePipeline(), lambda f, r: written.append(f.index)
        )
    assert written == list(range(30))


def test_what_was_found_before_ctrl_c_is_written() -> None:
    written: list[int] = []

    def interrupt(result: FrameResult) -> None:
        if result.frame_index == 12:
            raise KeyboardInterrupt

    told: list[bool] = []
    with pytest.raises(KeyboardInterrupt):
        process_source(
            FakeSource(50), FakePipeline(), lambda f, r: written.append(f.index),
            on_result=interrupt, on_break=lambda: told.append(True),
        )  # fmt: skip
    assert written == list(range(13))
    assert told == [True]
    assert own_threads() == []


def test_failing_writer_ends_the_work_and_is_reported() -> None:
    written: list[int] = []

    def write(frame: Frame, result: FrameResult) -> None:
        if frame.index == 7:
            raise SinkError("disk full")
        written.append(frame.index)

    pipeline = FakePipeline()
    with pytest.raises(SinkError, match="disk full"):
        process_source(FakeSource(10_000), pipeline, write)
    assert written == list(range(7))
    assert len(pipeline.seen) < 100, "the rest of a long file is not searched in vain"
    assert own_threads() == []


def test_error_of_the_last_item_is_not_lost() -> None:
    def fail(item: int) -> None:
        raise SinkError(f"item {item}")

    with pytest.raises(SinkError, match="item 1"), Background(fail, 4) as background:
        background.put(1)


def test_background_waits_while_too_much_waits() -> None:
    go = threading.Event()
    done: list[int] = []

    def work(item: int) -> None:
        go.wait(10)
        done.append(item)

    with Background(work, 2) as background:
        feeder = threading.Thread(target=lambda: [background.put(item) for item in range(6)])
        feeder.start()
        feeder.join(0.2)
        assert feeder.is_alive()
        go.set()
        feeder.join(10)
        assert not feeder.is_alive()
    assert done == list(range(6))


class Presser(threading.Thread):
    """Presses Ctrl-C twice; whoever is to see both waits for `done`."""

    def __init__(self) -> None:
        super().__init__()
        self.done = threading.Event()

    def run(self) -> None:
        for _ in range(2):
            time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGINT)
        self.done.set()


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself Ctrl-C there")
class TestInterruption:
    def _press_while_three_wait(self, background: Background[int], presser: Presser) -> None:
        with background:
            for item in range(3):
                background.put(item)
            presser.start()

    def test_the_last_items_are_worked_on_before_an_end(self) -> None:
        done = []
        presser = Presser()

        def work(item: int) -> None:
            presser.done.wait(60)
            done.append(item)

        with pytest.raises(KeyboardInterrupt):
            self._press_while_three_wait(Background(work, 8), presser)
        presser.join()
        assert done == [0, 1, 2]

    def test_what_waits_is_hastened_when_an_end_is_asked_for(self) -> None:
        """As where frames of a slow video are sent at its own pace."""
        hasten = threading.Event()
        done = []

        def work(item: int) -> None:
            assert hasten.wait(60)
            presser.done.wait(60)
            done.append(item)

        presser = Presser()

        with pytest.raises(KeyboardInterrupt):
            self._press_while_three_wait(Background(work, 8, hasten.set), presser)
        presser.join()
        assert done == [0, 1, 2]

    def test_it_waits_for_what_reads_ahead(self) -> None:
        ended = threading.Event()
        presser = Presser()

        def items() -> Iterator[int]:
            yield 0
            presser.done.wait(60)
            ended.set()
            yield 1

        def take_one() -> None:
            with Prefetch(items()) as ahead:
                assert next(ahead) == 0
                presser.start()

        with pytest.raises(KeyboardInterrupt):
            take_one()
        presser.join()
        assert ended.is_set()

    def test_what_is_asked_for_meanwhile_happens_once_and_at_the_end(self) -> None:
        asked = []
        before = signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))
        try:
            with without_interruption():
                for _ in range(2):
                    os.kill(os.getpid(), signal.SIGTERM)
                assert asked == []
            assert asked == [signal.SIGTERM]
            os.kill(os.getpid(), signal.SIGTERM)
            assert len(asked) == 2
        finally:
            signal.signal(signal.SIGTERM, before)

    def test_what_is_ignored_stays_so(self) -> None:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            with without_interruption():
                os.kill(os.getpid(), signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
        finally:
            signal.signal(signal.SIGINT, before)
