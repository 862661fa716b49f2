"""What the controller has written: whole, whatever ends it."""

import time

import av
import pytest

from app.drawing import draw_result
from app.errors import SourceError
from app.live import controller, recorder
from app.live.batch import BatchChoice
from app.live.news import RecordingEnded, SourceFailed
from app.sources.video_file import VideoFileSource
from tests.app.clips import shades, write_clip
from tests.app.live.fakes import FakeFile, wait_for, wait_until_still


def test_a_recording_of_a_camera_that_dies_is_whole(live, tmp_path) -> None:
    live.start()
    wait_for(live.draws_result)
    live.controller.start_recording(tmp_path)
    wait_for(lambda: live.controller.recording is not None and live.controller.recording.frames > 3)
    live.camera.error = SourceError("camera 0 is gone; plug it in again")
    wait_for(lambda: live.news.of(RecordingEnded))
    ended = live.news.of(RecordingEnded)[0]
    assert ended.failure is None
    assert len(list(VideoFileSource(ended.paths[0]))) > 3


def test_no_recording_begins_of_a_source_that_dies_at_that_moment(live, tmp_path, monkeypatch) -> None:
    live.start()
    wait_for(live.draws_result)

    class LateRecorder(recorder.Recorder):
        def __init__(self, *arguments) -> None:
            super().__init__(*arguments)
            live.camera.error = SourceError("camera 0 is gone; plug it in again")
            wait_for(lambda: live.news.of(SourceFailed))

    monkeypatch.setattr(controller, "Recorder", LateRecorder)
    live.controller.start_recording(tmp_path)
    assert live.controller.recording is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("spec", ["a.png", "clip.mp4"])
def test_a_recording_of_what_stands_still_holds_that_picture(live, tmp_path, spec) -> None:
    live.sources["a.png"] = lambda: FakeFile(1, continuous=False)
    live.start(spec)
    wait_for(live.draws_result)
    live.controller.transport.pause()
    wait_until_still(live)
    live.controller.start_recording(tmp_path)
    live.controller.stop_recording()
    wait_for(lambda: live.news.of(RecordingEnded))
    video = live.news.of(RecordingEnded)[0].paths[0]
    assert list(VideoFileSource(video))


def test_a_recording_begun_within_a_pictures_time_begins_with_it(live, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("app.live.reader.PICTURE_S", 600.0)
    live.sources["pictures"] = lambda: FakeFile(3, continuous=False)
    live.start("pictures")
    wait_for(live.draws_result)
    live.controller.start_recording(tmp_path)
    live.controller.stop_recording()
    wait_for(lambda: live.news.of(RecordingEnded))
    assert list(VideoFileSource(live.news.of(RecordingEnded)[0].paths[0]))


def test_closing_waits_until_what_is_recorded_is_written(live, tmp_path, monkeypatch) -> None:
    def slow(*arguments):
        time.sleep(0.03)
        return draw_result(*arguments)

    monkeypatch.setattr(recorder, "draw_result", slow)
    monkeypatch.setattr(controller, "_CLOSE_S", 0.1)
    live.start()
    wait_for(live.draws_result)
    live.controller.start_recording(tmp_path)
    recording = live.controller._recorder
    wait_for(lambda: recording._pictures.qsize() > 10)
    live.controller.close()
    assert not recording.is_alive()
    with av.open(str(next(tmp_path.glob("*.mp4")))) as video:
        assert video.streams.video[0].frames == recording.status().frames > 10  # its index is there


def test_closing_completes_a_file_that_is_processed(live, tmp_path, monkeypatch) -> None:
    clip = write_clip(tmp_path / "clip.mp4", shades(30))
    live.builder.inference_s = 0.2
    monkeypatch.setattr(controller, "_CLOSE_S", 0.0)
    live.controller.start_batch((clip,), BatchChoice(tmp_path / "out"))
    wait_for(lambda: live.controller.batch.jobs()[0].done)
    live.controller.close()
    assert live.controller.batch.jobs()[0].state == "cancelled"
