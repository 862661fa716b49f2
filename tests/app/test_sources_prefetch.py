"""Reading ahead on a thread, and the latest-item slot."""

import threading
import time
from collections.abc import Iterator

import pytest

from app.sources.latest_frame import Latest
from app.sources.prefetch import Prefetch


def _reading_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    assert _reading_threads() == []


def test_every_item_in_order() -> None:
    with Prefetch(range(1000), maxsize=3) as items:
        assert list(items) == list(range(1000))
        with pytest.raises(StopIteration):
            next(items)


def test_reads_ahead_only_so_far() -> None:
    taken: list[int] = []

    def source() -> Iterator[int]:
        for i in range(100):
            taken.append(i)
            yield i

    with Prefetch(source(), maxsize=4) as items:
        assert next(items) == 0
        deadline = time.monotonic() + 5
        while len(taken) < 6 and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(0.02)
        assert len(taken) == 6  # one taken out, four waiting, one in the hand


def test_decoding_overlaps_with_the_work() -> None:
    decoding = threading.Event()

    def source() -> Iterator[int]:
        yield 0
        decoding.set()
        yield 1

    with Prefetch(source(), maxsize=1) as items:
        next(items)
        assert decoding.wait(5)  # the second item is made while the first is worked on


def test_an_exception_comes_after_the_items_before_it() -> None:
    def source() -> Iterator[int]:
        yield from range(3)
        raise OSError("the disk is gone")

    with Prefetch(source()) as items:
        assert [next(items) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(OSError, match="the disk is gone"):
            next(items)


@pytest.mark.parametrize("after", [0, 1, 5])
def test_leaving_early_stops_the_thread_and_closes_the_source(after: int) -> None:
    closed = threading.Event()

    def source() -> Iterator[int]:
        try:
            i = 0
            while True:
                yield i
                i += 1
        finally:
            closed.set()

    class Endless:
        def __iter__(self) -> Iterator[int]:
            return source()

    with Prefetch(Endless(), maxsize=2) as items:
        for _ in range(after):
            next(items)
    assert closed.wait(5) or after == 0


def test_an_exception_of_the_consumer_leaves_no_thread() -> None:
    def interrupted() -> None:
        with Prefetch(iter(int, 1), maxsize=2) as items:
            next(items)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()


def test_at_least_one_must_be_able_to_wait() -> None:
    with pytest.raises(ValueError, match="maxsize is 0"):
        Prefetch([], maxsize=0)


def test_the_newest_item_wins() -> None:
    slot: Latest[int] = Latest()
    assert slot.take(0.0) is None
    for item in (1, 2, 3):
        slot.put(item)
    assert slot.dropped == 2
    assert slot.take(0.0) == 3
    assert slot.take(0.0) is None
    assert slot.dropped == 2


def test_a_waiting_consumer_is_woken() -> None:
    slot: Latest[str] = Latest()
    threading.Timer(0.02, slot.put, ["frame"]).start()
    assert slot.take(5.0) == "frame"
    threading.Timer(0.02, slot.close).start()
    assert slot.take(5.0) is None
    slot.put("too late")
    assert slot.take(0.0) is None


def test_a_consumer_that_is_no_longer_wanted_leaves_the_item_to_another() -> None:
    slot: Latest[str] = Latest()
    unwanted = threading.Event()
    taken: dict[str, str | None] = {}
    consumers = [
        threading.Thread(target=lambda: taken.update(old=slot.take(30.0, unless=unwanted.is_set))),
        threading.Thread(target=lambda: taken.update(new=slot.take(30.0))),
    ]
    for consumer in consumers:
        consumer.start()
    unwanted.set()
    slot.put("frame")
    for consumer in consumers:
        consumer.join(10)
    assert taken == {"old": None, "new": "frame"}
    assert slot.dropped == 0


def test_no_item_is_lost_uncounted_between_threads() -> None:
    slot: Latest[int] = Latest()
    seen = []

    def consume() -> None:
        while (item := slot.take(5.0)) is not None:
            seen.append(item)

    consumer = threading.Thread(target=consume)
    consumer.start()
    for item in range(5000):
        slot.put(item)
    slot.close()
    consumer.join(5)
    assert seen == sorted(seen)
    assert seen[-1] == 4999
    assert len(seen) + slot.dropped == 5000
