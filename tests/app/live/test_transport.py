"""The clock of a file: on time, and obedient."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.live.news import SourceFailed, SourceOpened
from app.live.reader import PICTURE_S, Arrival, Opened, Reader
from app.live.transport import Transport
from app.results import Frame
from app.sources.video_file import VideoFileSource
from tests.app.clips import shades, write_clip
from tests.app.live.fakes import FakeFile, FakePictures, NewsList, wait_for

_UNEVEN_S = (0.0, 0.04, 0.08, 0.2, 0.24, 3.0, 3.001, 3.04, 3.08)  # frames are missing, and two come close together


class _Watcher:
    """Runs a reader on a fake file and keeps what it delivers."""

    def __init__(self, source: FakeFile | VideoFileSource) -> None:
        self.arrivals: list[Arrival] = []
        self.news = NewsList()
        self.reader = Reader(1, "clip.mp4", lambda: Opened("clip.mp4", source), self.arrivals.append, self.news)
        self.transport = self.reader.transport

    def numbers(self) -> list[int]:
        return [arrival.frame.index for arrival in self.arrivals]

    def times(self) -> list[float]:
        return [round(arrival.frame.time_s, 3) for arrival in self.arrivals]

    def command(self, deed) -> None:
        """Give a command that shows one frame, and wait for that."""
        count = len(self.arrivals)
        deed(self.transport)
        wait_for(lambda: len(self.arrivals) > count and self.shows(self.arrivals[-1].frame.time_s))

    def shows(self, time_s: float) -> bool:
        return self.transport.playback().position_s == time_s


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


@pytest.fixture
def watch(request):
    watchers = []

    def start(source: FakeFile | VideoFileSource, **state) -> _Watcher:
        watcher = _Watcher(source)
        if "loop" in state:
            watcher.transport.set_loop(state["loop"])
        if state.get("paused"):
            watcher.transport.pause()
        watchers.append(watcher)
        watcher.reader.start()
        return watcher

    yield start
    for watcher in watchers:
        watcher.reader.stop()
        watcher.reader.join(5)
        assert not watcher.reader.is_alive()


def test_frames_come_at_the_pace_of_the_file(watch) -> None:
    watcher = watch(FakeFile(20), loop=False)
    wait_for(lambda: watcher.transport.playback().at_end)
    assert watcher.numbers() == list(range(20))
    spent = watcher.arrivals[-1].captured_at - watcher.arrivals[0].captured_at
    assert spent >= 19 / 50 * 0.9
    assert watcher.news.of(SourceOpened)[0].kind == "video"


def test_speed_is_a_factor_on_the_pace(watch) -> None:
    watcher = watch(FakeFile(20), loop=False, paused=True)
    watcher.transport.set_speed(0.5)
    watcher.transport.play()
    wait_for(lambda: watcher.transport.playback().at_end)
    spent = watcher.arrivals[-1].captured_at - watcher.arrivals[0].captured_at
    assert spent >= 2 * 19 / 50 * 0.9


def test_a_loop_begins_anew_and_holding_the_end_does_not(watch) -> None:
    watcher = watch(FakeFile(5))
    wait_for(lambda: len(watcher.arrivals) > 12)
    assert watcher.numbers()[:10] == [0, 1, 2, 3, 4] * 2
    watcher.transport.set_loop(False)
    wait_for(lambda: watcher.transport.playback().at_end)
    assert watcher.numbers()[-1] == 4
    assert not watcher.transport.playback().playing
    count = len(watcher.arrivals)
    time.sleep(0.1)
    assert len(watcher.arrivals) == count
    watcher.transport.play()  # from the beginning
    wait_for(lambda: len(watcher.arrivals) > count)
    assert watcher.numbers()[count] == 0


def test_paused_from_the_start_shows_the_first_frame_alone(watch) -> None:
    watcher = watch(FakeFile(), paused=True)
    wait_for(lambda: watcher.arrivals)
    time.sleep(0.1)
    assert watcher.numbers() == [0]


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


def test_seeking_while_paused_shows_that_frame_and_stays_paused(watch) -> None:
    watcher = watch(FakeFile(), paused=True)
    wait_for(lambda: watcher.arrivals)
    watcher.transport.seek(7 / 50)
    wait_for(lambda: len(watcher.arrivals) == 2)
    time.sleep(0.05)
    assert watcher.numbers() == [0, 7]
    assert watcher.transport.playback().position_s == pytest.approx(7 / 50)


def test_the_place_that_is_sought_holds_until_its_frame_is_shown() -> None:
    transport = Transport()
    transport.shown(0.5)
    transport.seek(3)
    transport.shown(0.52)  # was on its way
    assert transport.playback().position_s == 3
    assert transport.next_start().time_s == 3
    assert transport.playback().position_s == 3
    transport.shown(3.02)
    assert transport.playback().position_s == 3.02


def test_a_step_from_a_sought_place_that_is_not_shown_yet_is_made_once_it_is() -> None:
    transport, stopped = Transport(), threading.Event()
    transport.seek(0.5)
    transport.step(1)
    transport.begin(transport.next_start().time_s)
    for time_s in (0.5, 0.52):
        assert transport.wait_until_due(time_s, stopped)
        transport.shown(time_s)
    stopped.set()
    assert not transport.wait_until_due(0.54, stopped)
    assert transport.playback().position_s == 0.52


def test_a_position_beyond_the_end_holds_or_loops_without_a_spin(watch) -> None:
    watcher = watch(FakeFile(5), paused=True)
    wait_for(lambda: watcher.arrivals)
    watcher.transport.seek(100)
    wait_for(lambda: watcher.transport.playback().at_end)
    watcher.transport.step(-1)
    wait_for(lambda: len(watcher.arrivals) > 1)


@pytest.mark.parametrize("place_s", [9 / 50, 4.5])
def test_a_loop_goes_on_from_a_place_with_no_frame_behind_it(watch, place_s: float) -> None:
    """The last frame, and beyond it: a file's sound may be longer than its picture."""
    watcher = watch(FakeFile(10))
    wait_for(lambda: watcher.arrivals)
    count = len(watcher.arrivals)
    watcher.transport.seek(place_s)
    wait_for(lambda: 0 in watcher.numbers()[count:])
    assert watcher.transport.playback().playing


@pytest.mark.parametrize("command", [Transport.pause, lambda transport: transport.set_loop(False)])
def test_the_last_picture_of_a_loop_can_be_held(watch, command) -> None:
    watcher = watch(FakeFile(2, continuous=False))
    wait_for(lambda: watcher.arrivals)
    watcher.transport.seek(PICTURE_S)
    wait_for(lambda: watcher.numbers() == [0, 1])
    command(watcher.transport)
    wait_for(lambda: watcher.transport.playback().at_end)
    assert not watcher.transport.playback().playing
    watcher.transport.play()
    wait_for(lambda: watcher.numbers() == [0, 1, 0])


def test_a_reader_that_waited_for_another_in_vain_opens_nothing(watch) -> None:
    former = watch(FakeFile(), paused=True)
    opened = []
    news = NewsList()
    reader = Reader(2, "clip.mp4", lambda: opened.append(True), lambda arrival: None, news)
    reader.start_after(former.reader)
    reader.start()
    reader.stop()
    former.reader.stop()
    reader.join(10)
    assert opened == []
    assert not news.of(SourceFailed)


def test_stopping_ends_a_pause(watch) -> None:
    watcher = watch(FakeFile(), paused=True)
    wait_for(lambda: watcher.arrivals)
    watcher.reader.stop()
    watcher.reader.join(10)  # by itself a pause has no end
    assert not watcher.reader.is_alive()
    assert not watcher.news.of(SourceFailed)


def test_pictures_are_shown_one_after_the_other(watch) -> None:
    watcher = watch(FakeFile(3, continuous=False), paused=True)
    wait_for(lambda: watcher.arrivals)
    watcher.transport.step(1)
    wait_for(lambda: len(watcher.arrivals) == 2)
    watcher.transport.step(-1)
    wait_for(lambda: len(watcher.arrivals) == 3)
    assert watcher.numbers() == [0, 1, 0]
    assert watcher.times() == [0, PICTURE_S, 0]
    assert not watcher.arrivals[0].continuous
    assert watcher.news.of(SourceOpened)[0].kind == "pictures"


def test_of_a_folder_only_what_is_shown_is_read(watch) -> None:
    pictures = FakePictures(100)
    watcher = watch(pictures, paused=True)
    wait_for(lambda: watcher.arrivals)
    watcher.transport.seek(90 * PICTURE_S)
    wait_for(lambda: len(watcher.arrivals) == 2)
    watcher.transport.step(-1)
    wait_for(lambda: len(watcher.arrivals) == 3)
    assert watcher.numbers() == [0, 90, 89]
    assert set(pictures.read) <= {0, 1, 89, 90, 91}


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


def test_an_error_in_the_middle_is_told(watch) -> None:
    class Broken(FakeFile):
        def __iter__(self):
            yield from list(super().__iter__())[:2]
            raise RuntimeError("the decoder fell over")

    watcher = watch(Broken())
    wait_for(lambda: watcher.news.of(SourceFailed))
    failure = watcher.news.of(SourceFailed)[0].failure
    assert "the decoder fell over" in failure.sentence
    assert "Traceback" in failure.details
    assert threading.main_thread().is_alive()
