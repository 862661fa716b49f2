"""Settings reach the disk, once, and off the caller's thread."""

import threading
from pathlib import Path

from app.live.news import SettingsFailed
from app.live.opening import ANY_CAMERA, asked_mode, open_named
from app.live.saving import SettingsSaver
from app.settings import CameraSettings, DetectionSettings, Settings, load_settings, save_settings
from app.sources.camera_list import CameraInfo
from tests.app.clips import shades, write_clip
from tests.app.live.fakes import NewsList, wait_for


def _settings(every_n: int) -> Settings:
    return Settings(detection=DetectionSettings(every_n=every_n))


def test_many_changes_are_written_once_and_by_another_thread(tmp_path: Path) -> None:
    written: list[tuple[int, int]] = []

    def save(settings: Settings, path: Path | None) -> None:
        written.append((settings.detection.every_n, threading.get_ident()))

    saver = SettingsSaver(NewsList(), save=save)
    for every_n in range(1, 20):
        saver.save_soon(_settings(every_n))
    wait_for(lambda: written)
    assert written[0][0] == 19
    assert written[0][1] != threading.get_ident()
    saver.flush()
    assert len(written) == 1


def test_what_waits_is_written_when_flushed(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    saver = SettingsSaver(NewsList(), path)
    saver.save_soon(_settings(7))
    saver.flush()
    assert load_settings(path).detection.every_n == 7


def test_a_slow_disk_keeps_nobody_waiting_and_the_newest_is_written_last() -> None:
    writing, go_on = threading.Event(), threading.Event()
    written: list[int] = []

    def save(settings: Settings, path: Path | None) -> None:
        writing.set()
        go_on.wait(60)
        written.append(settings.detection.every_n)

    saver = SettingsSaver(NewsList(), save=save)
    saver.save_soon(_settings(1))
    assert writing.wait(20)
    changed = threading.Thread(target=lambda: saver.save_soon(_settings(2)), daemon=True)
    changed.start()
    changed.join(10)
    assert not changed.is_alive()
    go_on.set()
    saver.flush()
    wait_for(lambda: len(written) == 2)
    assert written == [1, 2]


def test_a_folder_may_be_in_the_home_directory(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("window: {folder: ~/Videos}")
    assert load_settings(tmp_path / "settings.yaml").window.folder == Path.home() / "Videos"


def test_a_file_that_cannot_be_used_is_kept_beside_the_one_that_replaces_it(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    texts = [
        "drawing: {colour: blue}  # mine",
        "pose: [",
        "pose: {model: 2024-13-45}",
        "window: {folder: ~nobody-here/a}",
    ]
    for text in texts:
        path.write_text(text)
        for every_n in (2, 3):
            save_settings(_settings(every_n), path)
        assert load_settings(path) == _settings(3)
    kept = [tmp_path / f"settings.bad{number}.yaml" for number in ("", "-2", "-3", "-4")]
    assert [each.read_text() for each in kept] == texts


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    news = NewsList()
    saver = SettingsSaver(news, tmp_path / "file" / "settings.yaml")
    saver.save_soon(_settings(7))
    saver.flush()
    assert "cannot write the settings" in news.of(SettingsFailed)[0].failure.sentence


def test_without_a_camera_the_demo_clip_is_opened(tmp_path: Path, monkeypatch) -> None:
    clip = write_clip(tmp_path / "demo.mp4", shades(3))
    monkeypatch.setattr("app.live.opening.list_cameras", list)
    monkeypatch.setattr("app.live.opening.DEMO_CLIP", clip)
    opened = open_named(ANY_CAMERA, CameraSettings())
    with opened.source as source:
        assert (opened.spec, opened.refused) == (str(clip), None)
        assert not source.is_live


def test_a_camera_that_is_there_and_does_not_open_is_told(tmp_path: Path, monkeypatch) -> None:
    clip = write_clip(tmp_path / "demo.mp4", shades(3))
    monkeypatch.setattr("app.live.opening.list_cameras", lambda: [CameraInfo(62, "Webcam"), CameraInfo(63, "Other")])
    monkeypatch.setattr("app.live.opening.DEMO_CLIP", clip)
    opened = open_named(ANY_CAMERA, CameraSettings())
    with opened.source:
        assert opened.spec == str(clip)
        assert "camera 62" in str(opened.refused)


def test_a_camera_is_asked_for_what_is_set_and_for_nothing_else() -> None:
    assert asked_mode(CameraSettings()) is None
    assert asked_mode(CameraSettings(lines="1080p")) == (1080, 1920, 30.0)
    assert asked_mode(CameraSettings(fps="60")) == (720, 1280, 60.0)
