"""One frame back: exactly the frame before, whatever the times of a file."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.live.reader import PICTURE_S
from app.results import Frame
from app.sources.video_file import VideoFileSource
from tests.app.clips import shades, write_clip
from tests.app.live.fakes import FakeFile, FakePictures, wait_for

_UNEVEN_S = (0.0, 0.04, 0.08, 0.2, 0.24, 3.0, 3.001, 3.04, 3.08)  # frames are missing, and two come close together


class _UnevenFile(FakeFile):
    """Its frames come at these times."""

    def __init__(self, times: tuple[float, ...] = _UNEVEN_S) -> None:
        super().__init__(len(times))
        self.times = times

    def __iter__(self) -> Iterator[Frame]:
        for frame, time_s in zip(super().__iter__(), self.times, strict=True):
            yield replace(frame, time_s=time_s)


class _GatedFile(_UnevenFile):
    """From its middle it is read in parts, each when the gate is opened; `asked` tells from where."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Semaphore(0)
        self.asked: list[float] = []

    def frames_from(self, time_s: float) -> Iterator[Frame]:
        if time_s > 0:
            self.asked.append(time_s)
            assert self.gate.acquire(timeout=60)
        yield from (frame for frame in self if frame.time_s >= time_s)


class _JoinedFile(FakeFile):
    """Two recordings in one: read from its middle, the second one's times begin at 0, as of a clock that was set back.

    Ten frames in each.
    """

    def __init__(self) -> None:
        super().__init__(20)

    def frames_from(self, time_s: float) -> Iterator[Frame]:
        if time_s <= 0:
            yield from self
            return
        for frame in list(self)[10:]:
            own_s = frame.time_s - 10 / self.fps
            if own_s >= time_s:
                yield replace(frame, time_s=own_s)


def test_steps_go_by_one_frame_both_ways(watch) -> None:
    watcher = watch(FakeFile(), paused=True)
    for step, expected in ((1, 1), (1, 2), (1, 3), (-1, 2), (-1, 1), (1, 2)):
        wait_for(lambda: watcher.arrivals)
        count = len(watcher.arrivals)
        watcher.transport.step(step)
        wait_for(lambda count=count: len(watcher.arrivals) > count)
        assert watcher.numbers()[-1] == expected
    assert not watcher.transport.playback().playing


def test_steps_back_show_every_frame_of_a_file_with_uneven_times(watch) -> None:
    watcher = watch(_UnevenFile(), paused=True)
    wait_for(lambda: watcher.shows(0) and watcher.arrivals)
    for step in [1] * 8 + [-1] * 9 + [1]:
        watcher.command(lambda transport, step=step: transport.step(step))
    assert watcher.numbers() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 1]


@pytest.mark.parametrize("forward", [4, 6])
def test_steps_turn_round_behind_a_gap_of_a_video(watch, tmp_path, forward: int) -> None:
    times = [0.0, 0.04, 0.08, 0.12, 0.24, 0.28, 0.32]
    clip = write_clip(tmp_path / "gap.mp4", shades(7), times, options={"g": "3"})
    with VideoFileSource(clip) as video:
        watcher = watch(video, paused=True)
        wait_for(lambda: watcher.shows(0) and watcher.arrivals)
        for step in [1] * forward + [-1] * forward:
            watcher.command(lambda transport, step=step: transport.step(step))
    assert watcher.times() == times[: forward + 1] + times[:forward][::-1]


def test_the_frame_before_a_sought_one_is_found_beyond_a_gap(watch) -> None:
    watcher = watch(_UnevenFile(), paused=True)
    wait_for(lambda: watcher.arrivals)
    watcher.command(lambda transport: transport.seek(1.0))
    for step in (-1, -1, 1, 1):
        watcher.command(lambda transport, step=step: transport.step(step))
    assert watcher.numbers() == [0, 5, 4, 3, 4, 5]


def test_steps_back_at_once_are_all_made(watch) -> None:
    file = _GatedFile()
    watcher = watch(file, paused=True)
    wait_for(lambda: watcher.arrivals)
    file.gate.release(1000)
    watcher.command(lambda transport: transport.seek(3.08))
    for _ in range(3):
        watcher.transport.step(-1)
    wait_for(lambda: watcher.numbers() == [0, 8, 7, 6, 5])
    watcher.command(lambda transport: transport.step(1))
    assert watcher.numbers()[-1] == 6


def test_a_step_back_from_a_sought_place_that_is_not_shown_yet_is_made_once_it_is(watch) -> None:
    file = _GatedFile()
    watcher = watch(file, paused=True)
    wait_for(lambda: watcher.arrivals)
    watcher.transport.seek(0.2)
    wait_for(lambda: file.asked)
    watcher.transport.step(-1)
    file.gate.release(1000)
    wait_for(lambda: watcher.numbers() == [0, 3, 2])


def test_a_key_held_down_does_not_go_back_for_long_after_it_is_let_go(watch) -> None:
    file = _GatedFile()
    watcher = watch(file, paused=True)
    wait_for(lambda: watcher.arrivals)
    file.gate.release()
    watcher.command(lambda transport: transport.seek(3.08))
    for _ in range(100):
        watcher.transport.step(-1)
    file.gate.release(1000)
    wait_for(lambda: watcher.numbers()[-1] < 5)
    time.sleep(0.1)
    assert watcher.numbers()[-1] > 1


def test_seeking_gives_up_the_search_for_the_frame_before(watch) -> None:
    file = _GatedFile()
    watcher = watch(file, paused=True)
    wait_for(lambda: watcher.arrivals)
    file.gate.release()
    watcher.command(lambda transport: transport.seek(3.0))
    watcher.transport.step(-1)
    wait_for(lambda: len(file.asked) == 2)
    watcher.transport.seek(0.08)
    file.gate.release(2)  # for what was looked into, and for what was sought
    wait_for(lambda: watcher.numbers() == [0, 5, 2])
    assert len(file.asked) == 3


def test_playing_goes_on_from_the_frame_before(watch) -> None:
    watcher = watch(FakeFile(), loop=False, paused=True)
    wait_for(lambda: watcher.arrivals)
    watcher.command(lambda transport: transport.seek(7 / 50))
    watcher.command(lambda transport: transport.step(-1))
    watcher.transport.play()
    wait_for(lambda: watcher.transport.playback().at_end)
    assert watcher.numbers() == [0, 7, 6, 7, 8, 9]


def test_the_frame_before_the_last_one_held_is_shown(watch) -> None:
    watcher = watch(_UnevenFile((0.0, 0.01, 0.02, 0.1)), loop=False)
    wait_for(lambda: watcher.transport.playback().at_end)
    watcher.command(lambda transport: transport.step(-1))
    assert watcher.numbers() == [0, 1, 2, 3, 2]
    assert not watcher.transport.playback().at_end


def test_the_frame_before_is_found_where_reading_from_the_middle_gives_other_times(watch) -> None:
    watcher = watch(_JoinedFile(), paused=True)
    wait_for(lambda: watcher.shows(0) and watcher.arrivals)
    for step in [1] * 13 + [-1] * 2:
        watcher.command(lambda transport, step=step: transport.step(step))
    assert watcher.numbers()[-3:] == [13, 12, 11]


def test_a_step_back_passes_over_pictures_that_cannot_be_read(watch) -> None:
    class Damaged(FakePictures):
        def __iter__(self):
            return (frame for frame in super().__iter__() if frame.index not in (3, 4, 5))

        def frames_from_number(self, first):
            return (frame for frame in self if frame.index >= first)

    watcher = watch(Damaged(8), paused=True)
    wait_for(lambda: watcher.arrivals)
    watcher.command(lambda transport: transport.seek(4 * PICTURE_S))
    watcher.command(lambda transport: transport.step(-1))
    assert watcher.numbers() == [0, 6, 2]


def test_the_frame_before_a_sought_one_is_found_though_no_two_have_been_shown(watch) -> None:
    slow = FakeFile(100)
    slow.fps = 5.0
    watcher = watch(slow, paused=True)
    wait_for(lambda: watcher.arrivals)
    watcher.transport.seek(8.0)
    wait_for(lambda: len(watcher.arrivals) == 2)
    watcher.transport.step(-1)
    wait_for(lambda: len(watcher.arrivals) == 3)
    assert watcher.numbers() == [0, 40, 39]
