"""The clock of a file: on time, and obedient."""

import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.live.news import PictureLeftOut, SourceFailed, SourceOpened
from app.live.reader import PICTURE_S, Reader
from app.live.transport import Transport
from app.sources.pictures import PictureFolderSource
from tests.app.live.fakes import FakeFile, FakePictures, NewsList, wait_for


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


@pytest.mark.parametrize("continuous", [True, False])
def test_a_position_beyond_the_end_shows_the_last_frame(watch, continuous: bool) -> None:
    watcher = watch(FakeFile(5, continuous=continuous), paused=True)
    wait_for(lambda: watcher.arrivals)
    watcher.transport.seek(100)
    wait_for(lambda: watcher.numbers() == [0, 4])
    watcher.transport.step(1)
    wait_for(lambda: watcher.transport.playback().at_end)
    assert watcher.numbers() == [0, 4]
    watcher.command(lambda transport: transport.step(-1))
    assert watcher.numbers()[2:] == [3]


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
    reader.start_after([former.reader])
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
    watcher = watch(FakePictures(3), paused=True)
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


def test_pictures_that_cannot_be_read_are_told_once_and_the_last_of_the_others_ends_the_folder(
    watch, tmp_path: Path
) -> None:
    for index in range(6):
        whole = cv2.imencode(".png", np.full((48, 64, 3), index, np.uint8))[1].tobytes()
        (tmp_path / f"{index}.png").write_bytes(b"broken" if index in (1, 4, 5) else whole)
    watcher = watch(PictureFolderSource(tmp_path), paused=True, loop=False)
    wait_for(lambda: watcher.arrivals)
    for time_s in (5 * PICTURE_S, 0, 4 * PICTURE_S):
        shown = len(watcher.arrivals)
        watcher.transport.seek(time_s)
        wait_for(lambda shown=shown: len(watcher.arrivals) > shown)
    assert watcher.numbers() == [0, 3, 0, 3]
    assert watcher.times() == [0, 3 * PICTURE_S, 0, 3 * PICTURE_S]
    watcher.transport.seek(0)
    watcher.transport.play()
    watcher.transport.set_speed(4)
    wait_for(lambda: len(watcher.news.of(PictureLeftOut)) == 3)
    told = [news.reason for news in watcher.news.of(PictureLeftOut)]
    assert sorted(told) == [
        f"{tmp_path / name} is damaged or not a picture; save it anew as JPEG or PNG"
        for name in ("1.png", "4.png", "5.png")
    ]


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
