"""The controller with fake cameras and fake networks."""

import gc
import logging
import random
import threading
import time
from pathlib import Path

from app.errors import SourceError
from app.live.building import MissingWeightsError
from app.live.controller import LiveController
from app.live.inference import InferenceThread
from app.live.news import (
    LivePicture,
    ModelFailed,
    ModelLoading,
    ModelReady,
    SourceFailed,
    SourceOpened,
    WeightsMissing,
)
from app.live.reader import Reader
from app.sources import open_source
from app.sources.video_file import VideoFileSource
from model.errors import EngineError
from model.zoo import resolve
from tests.app.clips import shades, write_clip
from tests.app.live.fakes import FakeCamera, FakeFile, FakePipeline, Live, wait_for, wait_until_still


def test_frames_are_shown_before_networks_are_there_and_with_people_after(live) -> None:
    live.builder.loading_s = 0.3
    live.start()
    wait_for(lambda: live.controller.picture_to_draw() is not None)
    assert live.picture().result is None
    wait_for(live.draws_result)
    assert [type(news) for news in live.news.all if isinstance(news, ModelLoading | ModelReady)] == [
        ModelLoading,
        ModelReady,
    ]
    assert live.news.of(SourceOpened)[0].kind == "camera"
    figures = live.controller.figures()
    assert figures.persons == 1
    assert figures.capture_fps > 0


def test_a_pipeline_is_built_used_and_closed_on_one_thread_alone(live) -> None:
    live.start()
    wait_for(live.draws_result)
    live.controller.close()
    pipeline = live.builder.pipelines[0]
    assert pipeline.closed
    assert len(pipeline.threads) == 1
    assert threading.get_ident() not in pipeline.threads


def test_a_slow_network_drops_frames_and_shows_the_newest(live) -> None:
    live.builder.gate = threading.Semaphore(0)
    live.start("by hand")
    wait_for(lambda: live.controller.engine_info is not None and live.news.of(SourceOpened))
    live.by_hand.give(1)
    wait_for(lambda: live.builder.pipelines[0].begun == 1)
    live.by_hand.give(10)  # while the network works on the first
    wait_for(lambda: live.controller._newest.frame.index == 10)
    live.builder.gate.release(2)
    wait_for(lambda: len(live.builder.pipelines[0].seen) == 2)
    assert [frame.index for frame in live.builder.pipelines[0].seen] == [0, 10]
    assert live.controller.figures().dropped == 9
    wait_for(lambda: live.picture().frame.index == 10 and live.picture().result is not None)


def test_the_old_network_works_on_while_the_new_one_loads(live) -> None:
    live.start()
    wait_for(live.draws_result)
    live.builder.loading_s = 0.3
    live.choose("fast")
    seen = len(live.builder.pipelines[0].seen)
    wait_for(lambda: len(live.builder.pipelines) == 2)
    assert len(live.builder.pipelines[0].seen) > seen + 5
    wait_for(lambda: live.builder.pipelines[0].closed)
    assert live.controller.engine_info.model == "fast"


def test_thresholds_act_without_loading_anything(live) -> None:
    live.start()
    wait_for(live.draws_result)
    pose = live.controller.settings.pose.model_copy(update={"keypoint_threshold": 0.7})
    live.controller.apply(live.controller.settings.model_copy(update={"pose": pose}))
    pipeline = live.builder.pipelines[0]
    wait_for(lambda: pipeline.applied and pipeline.applied[-1].pose.keypoint_threshold == 0.7)
    assert len(live.builder.pipelines) == 1


def test_a_choice_that_fails_is_told_and_the_old_network_works_on(live) -> None:
    live.start()
    wait_for(live.draws_result)
    live.builder.errors["fast"] = EngineError("device cuda: no GPU here; use --device cpu")
    live.choose("fast")
    wait_for(lambda: live.news.of(ModelFailed))
    assert live.news.of(ModelFailed)[0].failure.sentence == "device cuda: no GPU here; use --device cpu"
    assert live.controller.keep_running_networks().pose.model == "default"
    seen = len(live.builder.pipelines[0].seen)
    wait_for(lambda: len(live.builder.pipelines[0].seen) > seen)


def test_missing_weights_are_told_and_loaded_after_they_have_come(live) -> None:
    live.builder.errors["fast"] = MissingWeightsError((resolve("fast"),))
    live.start()
    wait_for(live.draws_result)
    live.choose("fast")
    wait_for(lambda: live.news.of(WeightsMissing))
    del live.builder.errors["fast"]
    live.controller.retry_networks()
    wait_for(lambda: live.controller.engine_info.model == "fast")


def test_a_network_that_falls_over_at_work_is_told_and_frames_go_on(live) -> None:
    live.start()
    wait_for(live.draws_result)
    live.builder.pipelines[0].error = RuntimeError("out of memory")
    wait_for(lambda: live.news.of(ModelFailed))
    assert "out of memory" in live.news.of(ModelFailed)[0].failure.sentence
    wait_for(lambda: live.picture().result is None)
    live.controller.retry_networks()
    wait_for(live.draws_result)


def test_the_same_choice_made_again_loads_what_does_not_run(live) -> None:
    live.builder.errors["default"] = EngineError("device cuda: no GPU here; use --device cpu")
    live.start()
    wait_for(lambda: live.news.of(ModelFailed))
    live.change("drawing", boxes=True)
    assert len(live.news.of(ModelLoading)) == 1, "another setting is no wish to try again"
    del live.builder.errors["default"]
    live.choose("default")
    wait_for(live.draws_result)
    live.choose("default")
    assert len(live.news.of(ModelLoading)) == 2, "what runs is left alone"


def test_a_paused_file_shows_what_changed_settings_make_of_its_frame(live) -> None:
    live.start("clip.mp4")
    wait_for(live.draws_result)
    live.controller.transport.pause()
    wait_for(lambda: not live.controller.transport.playback().playing)
    time.sleep(0.1)
    seen = len(live.builder.pipelines[0].seen)
    detection = live.controller.settings.detection.model_copy(update={"person_threshold": 0.9})
    live.controller.apply(live.controller.settings.model_copy(update={"detection": detection}))
    wait_for(lambda: len(live.builder.pipelines[0].seen) == seen + 1)
    live.choose("fast")
    wait_for(lambda: len(live.builder.pipelines) == 2 and live.builder.pipelines[1].seen)


def test_a_picture_shows_what_another_network_makes_of_it(live) -> None:
    live.sources["picture.png"] = lambda: FakeFile(1, continuous=False)
    live.start("picture.png")
    wait_for(live.draws_result)
    live.builder.persons, live.builder.loading_s = 2, 0.1
    live.choose("fast")
    wait_for(lambda: len(live.picture().result.persons) == 2)


def test_people_in_a_picture_keep_their_numbers_whatever_is_set(live) -> None:
    for name in ("one.png", "two.png"):
        live.sources[name] = lambda: FakeFile(1, continuous=False)
    live.start("one.png")
    wait_for(live.draws_result)
    (pipeline,) = live.builder.pipelines
    drawing = live.controller.settings.drawing
    for boxes in (not drawing.boxes, drawing.boxes):
        changed = drawing.model_copy(update={"boxes": boxes})
        seen = len(pipeline.seen)
        live.controller.apply(live.controller.settings.model_copy(update={"drawing": changed}))
        wait_for(lambda seen=seen: len(pipeline.seen) > seen)
    live.controller.open("two.png")
    wait_for(lambda: len(pipeline.seen) == 4)
    assert pipeline.numbers == [1, 1, 1, 2]


def test_a_picture_shown_for_its_time_does_not_wait_for_the_next_one(live, monkeypatch) -> None:
    monkeypatch.setattr("app.live.reader.PICTURE_S", 600.0)
    live.sources["pictures"] = lambda: FakeFile(3, continuous=False)
    live.start("pictures")
    wait_for(live.draws_result)
    assert live.controller.source.fps == 1 / 600, "as they are shown, which live outputs are told"
    live.choose("fast")
    wait_for(lambda: len(live.builder.pipelines) == 2 and live.builder.pipelines[1].seen)
    assert live.controller.transport.playback().playing
    assert live.builder.pipelines[1].seen[0].index == 0


def test_another_source_begins_anew(live) -> None:
    live.start()
    wait_for(live.draws_result)
    live.controller.open("clip.mp4")
    wait_for(lambda: live.controller.source is not None and live.controller.source.kind == "video")
    wait_for(live.draws_result)
    assert live.camera.closed.wait(5)
    assert live.picture().source == 2
    assert live.builder.pipelines[0].resets >= 2
    assert live.controller.transport is not None


def test_a_source_that_is_not_there_is_told(live) -> None:
    live.start("gone.mp4")
    wait_for(lambda: live.news.of(SourceFailed))
    assert live.news.of(SourceFailed)[0].failure.sentence == "gone.mp4 does not exist; check the path"
    assert live.controller.source is None


def test_what_a_network_still_makes_of_a_source_that_died_is_not_shown(live) -> None:
    live.builder.gate = threading.Semaphore(1)
    live.start()
    wait_for(live.draws_result)
    wait_for(lambda: live.builder.pipelines[0].begun == 2)
    live.camera.error = SourceError("camera 0 is gone; plug it in again")
    wait_for(lambda: live.news.of(SourceFailed))
    assert live.controller.source is None
    live.builder.gate.release(10)
    wait_for(lambda: len(live.builder.pipelines[0].seen) >= 2)
    time.sleep(0.05)
    assert live.picture() is None


def test_a_file_that_begins_anew_says_so_with_its_frames(live) -> None:
    live.start("clip.mp4")
    wait_for(live.draws_result)
    wait_for(lambda: live.picture().run > 1)  # it loops
    live.controller.transport.pause()
    wait_until_still(live)
    before = live.picture().run
    live.controller.transport.seek(0.1)
    wait_for(lambda: live.picture().run > before)


def _handles() -> int:
    """Open files, sockets and the like of this process; 0 on systems that do not list them as Linux does."""
    listed = Path("/proc/self/fd")
    return len(list(listed.iterdir())) if listed.is_dir() else 0


def _living(kinds: tuple[type, ...]) -> int:
    """How many objects of these kinds memory holds."""
    gc.collect()
    return sum(issubclass(type(thing), kinds) for thing in gc.get_objects())  # some lie about their __class__


def _switch_about(clip: Path, times: int) -> None:
    """Choose models, devices, detectors and sources at random, then close."""
    threads = set(threading.enumerate())
    live = Live()
    live.sources["clip.mp4"] = lambda: open_source(clip)
    chance = random.Random(7)
    live.start("1")
    for _ in range(times):
        match chance.randrange(4):
            case 0:
                live.choose(chance.choice(["fast", "balanced", "accurate", "default"]))
            case 1:
                live.change("pose", device=chance.choice(["auto", "cpu"]))
            case 2:
                live.change("detection", detector=chance.choice(["default", "whole-frame"]))
            case 3:
                live.controller.open(chance.choice(["1", "clip.mp4"]))
        time.sleep(chance.choice([0, 0, 0.005, 0.02]))
    wait_for(live.draws_result)
    wanted = live.controller.settings.pose.model
    wait_for(lambda: live.controller.engine_info.model == wanted)
    wait_for(lambda: len(live.controller.threads()) <= 2)  # a reader and a network
    live.controller.close()
    wait_for(lambda: set(threading.enumerate()) <= threads)
    assert all(pipeline.closed for pipeline in live.builder.pipelines)
    assert not live.news.of(ModelFailed)
    assert not live.news.of(SourceFailed)


def test_200_random_switches_leave_no_thread_handle_or_object_and_no_error(tmp_path: Path, caplog) -> None:
    clip = write_clip(tmp_path / "clip.mp4", shades(30))
    kinds = (LiveController, Reader, InferenceThread, FakePipeline, FakeCamera, VideoFileSource, LivePicture)
    handles, objects = _handles(), _living(kinds)
    _switch_about(clip, 200)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    wait_for(lambda: _living(kinds) <= objects)
    assert _handles() <= handles
