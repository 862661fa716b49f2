"""What is recorded plays and reads, whenever it ends."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from app.drawing import draw_result
from app.live import recorder
from app.live.news import EngineInfo, LivePicture, RecordingEnded, RecordingStarted, SnapshotSaved, SourceOpened
from app.live.reader import PICTURE_S
from app.live.recorder import Recorder
from app.live.snapshot import save_snapshot
from app.results import Frame
from app.settings import Settings, WindowSettings
from app.sources.pictures import read_picture
from app.sources.video_file import VideoFileSource
from model.skeletons import COCO_17, MPII_16
from tests.app.keypoint_files import read_keypoints_jsonl
from tests.app.live.fakes import NewsList, result_of, wait_for

_SOURCE = SourceOpened("0", "camera 0", "camera", (48, 64), 30.0, None)
_FILE = SourceOpened("a.mp4", "a.mp4", "video", (48, 64), 30.0, 60.0)
_FOLDER = SourceOpened("slides", "slides", "pictures", (48, 64), 1 / PICTURE_S, 6.0)
_INFO = EngineInfo("tinypose-256x192", "onnxruntime", "CPU", "picodet-320", "OpenVINO, CPU", COCO_17)


def _picture(index: int, time_s: float, info: EngineInfo = _INFO) -> LivePicture:
    frame = Frame(index, time_s, np.full((48, 64, 3), 20 + index, np.uint8))
    result = result_of(frame, keypoints=info.skeleton.keypoints)
    return LivePicture(frame, time.perf_counter(), 1, result, info)


def _record(folder: Path, times: list[float], source: SourceOpened = _SOURCE, **window: object) -> NewsList:
    return _record_pictures(folder, [_picture(index, time_s) for index, time_s in enumerate(times)], source, **window)


def _record_pictures(
    folder: Path, pictures: list[LivePicture], source: SourceOpened = _SOURCE, **window: object
) -> NewsList:
    news = NewsList()
    made = Recorder(folder, source, Settings(window=WindowSettings(**window)), news)
    made.start()
    for picture in pictures:
        made.offer(picture)
    made.stop()
    made.join(20)
    assert not made.is_alive()
    return news


def test_video_and_keypoints_have_the_times_of_the_frames(tmp_path: Path) -> None:
    times = [10.0, 10.04, 10.12, 10.16]
    news = _record(tmp_path / "새 폴더", times)
    assert len(news.of(RecordingStarted)) == 1
    video, keypoints = news.of(RecordingEnded)[0].paths
    with av.open(str(video)) as container:
        assert [frame.time for frame in container.decode(video=0)] == pytest.approx([0, 0.04, 0.12, 0.16], abs=1e-3)
    header, results = read_keypoints_jsonl(keypoints)
    assert (header.source, header.model, header.detector) == ("camera 0", "tinypose-256x192", "picodet-320")
    assert [result.time_s for result in results] == pytest.approx([0, 0.04, 0.12, 0.16])
    assert [result.frame_index for result in results] == [0, 1, 2, 3]
    assert len(results[0].persons) == 1


def test_a_camera_that_was_lost_for_a_while_leaves_its_gap(tmp_path: Path) -> None:
    news = _record(tmp_path, [5.0, 5.5, 15.5], record_video=False)
    _, results = read_keypoints_jsonl(news.of(RecordingEnded)[0].paths[0])
    assert [result.time_s for result in results] == pytest.approx([0, 0.5, 10.5])


def test_loops_and_seeks_of_a_file_leave_no_hole_and_its_own_gaps_stay(tmp_path: Path) -> None:
    played = [(0.0, 1), (0.5, 1), (20.5, 1), (0.0, 2), (0.5, 2), (30.0, 3), (40.0, 3)]
    pictures = [replace(_picture(i, time_s), run=run) for i, (time_s, run) in enumerate(played)]
    news = _record_pictures(tmp_path, pictures, replace(_FILE, fps=5.0), record_video=False)
    _, results = read_keypoints_jsonl(news.of(RecordingEnded)[0].paths[0])
    times = [result.time_s for result in results]
    assert np.diff(times) == pytest.approx([0.5, 20, 0.2, 0.5, 0.2, 10], abs=1e-3)


def test_pictures_of_a_folder_are_recorded_for_as_long_as_each_is_shown(tmp_path: Path) -> None:
    """In a loop the last one has its time too, and so has the one that is shown when the recording ends."""
    shown = [(0, 1), (1, 1), (2, 1), (0, 2), (1, 2)]
    pictures = [replace(_picture(index, index * PICTURE_S), run=run) for index, run in shown]
    news = _record_pictures(tmp_path, pictures, _FOLDER, record_angles=True)
    video, keypoints, angles = news.of(RecordingEnded)[0].paths
    times = [index * PICTURE_S for index in range(5)]
    with av.open(str(video)) as container:
        assert [frame.time for frame in container.decode(video=0)] == pytest.approx(times, abs=1e-3)
    with av.open(str(video)) as container:
        assert container.duration / av.time_base == pytest.approx(5 * PICTURE_S, abs=0.01)
    header, results = read_keypoints_jsonl(keypoints)
    assert header.fps == 1 / PICTURE_S
    assert [result.time_s for result in results] == pytest.approx(times)
    rows = [line.split(",") for line in angles.read_text().splitlines()[1:]]
    assert sorted({float(row[1]) for row in rows}) == pytest.approx(times)


def test_a_frame_that_is_shown_once_more_follows_itself(tmp_path: Path) -> None:
    """As a paused one does where a setting changes."""
    news = _record(tmp_path, [3.0, 3.0, 3.1], _FILE, record_video=False)
    _, results = read_keypoints_jsonl(news.of(RecordingEnded)[0].paths[0])
    assert [result.time_s for result in results] == pytest.approx([0, 1 / 30, 1 / 30 + 0.1], abs=1e-3)


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_another_model_begins_other_files(tmp_path: Path, kind: str) -> None:
    other = replace(_INFO, model="lite-hrnet-18-mpii-256x256", skeleton=MPII_16)
    models = [_INFO, _INFO, other, other, other, replace(_INFO, detector="whole-frame")]
    pictures = [_picture(index, 5 + index / 10, info) for index, info in enumerate(models)]
    news = _record_pictures(tmp_path, pictures, record_keypoints=kind, record_angles=True)
    ended = news.of(RecordingEnded)[0]
    assert (ended.failure, ended.parts) == (None, 3)
    assert len(news.of(RecordingStarted)) == 1
    assert sorted(ended.paths) == sorted(tmp_path.iterdir())
    stem = ended.paths[0].stem
    endings = [f"{part}{ending}" for part in ("", "-2", "-3") for ending in (".mp4", f".{kind}", "-angles.csv")]
    assert [path.name.removeprefix(stem) for path in ended.paths] == endings
    assert [len(list(VideoFileSource(path))) for path in ended.paths[::3]] == [2, 3, 1]
    if kind == "jsonl":
        parts = [read_keypoints_jsonl(path) for path in ended.paths[1::3]]
        assert [header.model for header, _ in parts] == [_INFO.model, other.model, _INFO.model]
        assert parts[2][0].detector == "whole-frame"
        assert [len(header.keypoint_names) for header, _ in parts] == [17, 16, 17]
        assert [result.frame_index for result in parts[1][1]] == [0, 1, 2]
        assert [result.time_s for result in parts[1][1]] == pytest.approx([0, 0.1, 0.2])


def test_what_is_finished_may_be_moved_while_it_goes_on_in_other_files(tmp_path: Path) -> None:
    other = replace(_INFO, model="lite-hrnet-18-mpii-256x256", skeleton=MPII_16)
    news = NewsList()
    made = Recorder(tmp_path, _SOURCE, Settings(window=WindowSettings(record_keypoints="csv")), news)
    made.start()
    made.offer(_picture(0, 0.0))
    made.offer(_picture(1, 0.1, other))
    wait_for(lambda: made.status().frames == 2)
    size = made.status().size_bytes
    first = news.of(RecordingStarted)[0].path
    for suffix in (".mp4", ".csv"):
        first.with_suffix(suffix).rename(tmp_path / f"elsewhere{suffix}")
    made.offer(_picture(2, 0.2, other))
    made.stop()
    made.join(20)
    assert made.status().frames == 3
    assert made.status().size_bytes >= size
    ended = news.of(RecordingEnded)[0]
    assert (ended.failure, [path.suffix for path in ended.paths]) == (None, [".mp4", ".csv"])


@pytest.mark.parametrize(
    ("wanted", "endings"),
    [
        ({"record_keypoints": "csv"}, [".csv"]),
        ({"record_keypoints": "none", "record_angles": True}, ["-angles.csv"]),
        ({"record_keypoints": "none", "record_video": True}, [".mp4"]),
    ],
)
def test_only_what_is_wanted_is_written(tmp_path: Path, wanted, endings) -> None:
    news = _record(tmp_path, [0.0, 0.1], **({"record_video": False} | wanted))
    paths = news.of(RecordingEnded)[0].paths
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert len(paths) == len(endings)
    assert all(path.name.endswith(ending) for path, ending in zip(paths, endings, strict=True))
    assert all(path.stat().st_size > 0 for path in paths)


def test_a_recording_that_is_cut_off_plays_up_to_there(tmp_path: Path) -> None:
    """As where the program is killed, or ends before a slow disk has taken all."""
    news = NewsList()
    made = Recorder(tmp_path, _SOURCE, Settings(), news)
    made.start()
    for index in range(60):
        made.offer(_picture(index, index / 30))
    wait_for(lambda: made.status().frames == 60)
    video, keypoints = (next(tmp_path.glob(f"*{suffix}")) for suffix in (".mp4", ".jsonl"))
    with av.open(str(video)) as container:
        assert len(list(container.decode(video=0))) > 0
    assert len(read_keypoints_jsonl(keypoints)[1]) == 60
    assert not news.of(RecordingEnded)
    made.stop()
    made.join(20)


def test_nothing_to_record_leaves_no_file(tmp_path: Path) -> None:
    news = _record(tmp_path, [])
    assert news.of(RecordingEnded) == [RecordingEnded(())]
    assert not list(tmp_path.iterdir())


def test_nothing_chosen_to_record_is_told_at_once(tmp_path: Path) -> None:
    nothing = WindowSettings(record_video=False, record_keypoints="none", record_angles=False)
    news = NewsList()
    made = Recorder(tmp_path, _SOURCE, Settings(window=nothing), news)
    made.start()
    made.join(20)
    assert "switch one of them on" in news.of(RecordingEnded)[0].failure.sentence
    assert not made.is_alive()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    news = _record(tmp_path / "file", [0.0])
    assert "cannot write" in news.of(RecordingEnded)[0].failure.sentence


def test_pictures_beyond_the_queue_are_counted_not_waited_for(tmp_path: Path, monkeypatch) -> None:
    go_on = threading.Event()

    def slow(*arguments):
        go_on.wait(60)
        return draw_result(*arguments)

    monkeypatch.setattr(recorder, "draw_result", slow)
    news = NewsList()
    made = Recorder(tmp_path, _SOURCE, Settings(), news)
    made.start()
    for index in range(100):
        made.offer(_picture(index, index / 30))
    assert made.status().frames == 0  # nobody waited until something was written
    assert made.status().skipped >= 100 - 62
    go_on.set()
    made.stop()
    made.join(20)
    status = made.status()
    assert status.frames + status.skipped == 100
    assert status.size_bytes > 0


def test_fewer_large_pictures_wait_than_small_ones(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(recorder, "_QUEUE_BYTES", 5 * 48 * 64 * 3)
    made = Recorder(tmp_path, _SOURCE, Settings(), NewsList())  # not started: whatever is offered waits
    for index in range(20):
        made.offer(_picture(index, index / 30))
    assert made.status().skipped == 15


def test_a_snapshot_is_the_picture_with_its_people(tmp_path: Path) -> None:
    news = NewsList()
    picture = _picture(3, 0.1)
    save_snapshot(picture, Settings(), tmp_path, news)
    wait_for(lambda: news.of(SnapshotSaved))
    saved = news.of(SnapshotSaved)[0]
    assert saved.failure is None
    image = read_picture(saved.path)
    assert image.shape == (48, 64, 3)
    assert (image != picture.frame.image).any()
    assert (image[0, 0] == picture.frame.image[0, 0]).all()


def test_a_snapshot_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    news = NewsList()
    save_snapshot(_picture(0, 0.0), Settings(), tmp_path / "file", news)
    wait_for(lambda: news.of(SnapshotSaved))
    assert "cannot write" in news.of(SnapshotSaved)[0].failure.sentence
