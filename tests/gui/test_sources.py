"""Choosing what is watched, and what becomes of it."""

import threading
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QApplication, QFileDialog, QInputDialog

from app.errors import SourceError
from app.gui.batch_dialog import BatchDialog
from app.live.news import SourceOpening
from app.live.opening import ANY_CAMERA, DEMO_CLIP
from app.live.reader import Opened
from app.settings import CameraSettings
from app.sources.camera_list import CameraInfo
from tests.app.live.fakes import FakeCamera, FakeFile
from tests.gui.controls import choose, drop, find_button


def test_a_file_has_transport_controls_and_is_not_mirrored(gui) -> None:
    gui.start("clip.mp4")
    window, bar = gui.window, gui.window.transport
    assert bar.isVisible()
    assert not window.picture.viewport.mirrored
    bar.play.click()
    transport = gui.controller.transport
    gui.wait(lambda: not transport.playback().playing)
    assert bar.play.accessibleName() == "Play"
    bar.slider.setValue(600)
    gui.wait(lambda: gui.shown().frame.index == 30)
    bar.forward.click()
    gui.wait(lambda: transport.playback().position_s == pytest.approx(0.62))
    bar.back.click()
    gui.wait(lambda: transport.playback().position_s == pytest.approx(0.6))
    gui.wait(lambda: gui.shown().frame.index == 30)
    bar.loop.click()
    assert not transport.playback().loop
    choose(bar.speed, 2.0)
    assert transport.playback().speed == 2.0
    window.commands.play.trigger()
    gui.wait(lambda: transport.playback().at_end)


@pytest.mark.parametrize("playing", [True, False])
def test_a_click_on_the_position_goes_to_the_place_clicked(gui, playing: bool) -> None:
    gui.sources["long.mp4"] = lambda: FakeFile(3000)
    gui.window.resize(1280, 800)
    gui.start("long.mp4")
    slider, transport = gui.window.transport.slider, gui.controller.transport
    if not playing:
        gui.window.transport.play.click()
    for share in (0.8, 0.2, 0.5, 0.9):
        place = QPoint(round(share * slider.width()), slider.height() // 2)
        gui.qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=place)
        assert transport.playback().position_s == pytest.approx(share * 60, abs=1)
        assert slider.value() / 1000 == pytest.approx(share * 60, abs=1)
    assert transport.playback().playing == playing
    gui.wait(lambda: gui.shown().frame.time_s == pytest.approx(54, abs=2))


def test_a_single_picture_has_no_transport(gui) -> None:
    gui.start("a.png")
    assert gui.controller.source.kind == "picture"
    assert not gui.window.transport.isVisible()
    assert not gui.window.commands.play.isEnabled()


def test_a_source_that_fails_is_a_sentence_and_another_can_be_chosen(gui) -> None:
    gui.controller.open("gone.mp4")
    gui.wait(gui.window.banner.isVisible)
    assert gui.window.banner.text.text() == "gone.mp4 does not exist. Choose another file under Source."
    assert "gone.mp4 does not exist; check the path" in gui.window.banner.details.toPlainText()
    assert gui.window.toolbar.source.text() == "Choose a source"
    gui.window.open("0")
    gui.wait(lambda: gui.controller.source is not None)
    gui.wait(lambda: not gui.window.banner.isVisible())


def test_a_lost_camera_is_told_until_it_is_back(gui, monkeypatch) -> None:
    monkeypatch.setattr("app.live.reader.LOST_AFTER_S", 0.2)
    gui.start()
    gui.camera.silent = True
    gui.wait(lambda: gui.window.banner.isVisible() and "camera 0" in gui.window.banner.text.text())
    gui.camera.silent = False
    gui.wait(lambda: not gui.window.banner.isVisible())


def test_a_camera_that_dies_leaves_the_window_alive(gui) -> None:
    gui.start()
    gui.camera.error = SourceError("camera 0 has sent nothing for 30 s; check its cable and start again")
    gui.wait(lambda: gui.window.banner.isVisible() and "sent nothing" in gui.window.banner.text.text())
    gui.window.open("1")
    gui.wait(lambda: gui.controller.source is not None and gui.shown() is not None)


def test_after_a_file_that_breaks_off_nothing_of_it_is_left(gui) -> None:
    class Broken(FakeFile):
        def __iter__(self):
            yield from list(super().__iter__())[:20]
            raise SourceError("reading clip.mp4 stopped: I/O error; check the disk or network and start again")

    gui.sources["broken.mp4"] = lambda: Broken(50)
    gui.start("broken.mp4")
    window = gui.window
    assert window._awake._on
    gui.wait(window.banner.isVisible)
    assert window.toolbar.source.text() == "Choose a source"
    assert window.windowTitle() == "Lite-HRNet Live"
    assert gui.shown() is None
    assert not window._awake._on
    for action in (window.commands.record, window.commands.snapshot, window.commands.play):
        assert not action.isEnabled()
    find_button(window.banner, "Try again").click()
    gui.wait(lambda: gui.shown() is not None and window.windowTitle().startswith("clip.mp4"))


@pytest.mark.parametrize("part", ["picture", "side", "toolbar", "footer", "banner"])
def test_a_file_dropped_anywhere_is_opened(gui, tmp_path: Path, part: str) -> None:
    gui.window.banner.show_note("A message", about="it")
    drop(getattr(gui.window, part), [tmp_path / "새 영상.mp4"])
    gui.wait(lambda: str(tmp_path / "새 영상.mp4") in gui.window.banner.text.text())


def test_a_folder_of_videos_alone_is_offered_for_processing(gui, tmp_path: Path, monkeypatch) -> None:
    for name in ("b.mp4", "a.mp4"):
        (tmp_path / name).touch()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: str(tmp_path))
    for way in (lambda: drop(gui.window.picture, [tmp_path]), gui.window.commands.open_folder.trigger):
        way()
        dialog = gui.window.findChild(BatchDialog)
        assert [path.name for path in dialog.paths] == ["a.mp4", "b.mp4"]
        dialog.clear.click()
        dialog.close()


def test_several_dropped_files_are_offered_for_processing(gui, tmp_path: Path) -> None:
    drop(gui.window.picture, [tmp_path / "a.mp4", tmp_path / "b.mp4"])
    dialog = gui.window.findChild(BatchDialog)
    assert [dialog.table.item(row, 0).text() for row in range(2)] == ["a.mp4", "b.mp4"]
    dialog.close()


def test_of_several_things_dropped_files_are_processed_and_the_first_of_links_is_opened(gui, monkeypatch) -> None:
    opened = []
    monkeypatch.setattr(gui.controller, "open", opened.append)
    links = ["http://a.example/c.mp4", "http://a.example/d.mp4"]
    drop(gui.window.picture, links)
    assert opened == links[:1]
    assert gui.window.findChild(BatchDialog) is None
    drop(gui.window.picture, [links[0], Path("/a/b.mp4")])
    assert gui.window.findChild(BatchDialog).paths == [Path("/a/b.mp4")]
    assert opened == links[:1]


def test_cameras_listed_anew_leave_none_of_the_former_behind(gui, monkeypatch) -> None:
    listed = [CameraInfo(0, "Built-in"), CameraInfo(1, "")]
    monkeypatch.setattr("app.gui.commands.list_cameras", lambda: listed)
    menu = gui.window.commands.source_menu
    counts = []
    for _ in range(3):
        menu.aboutToShow.emit()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        counts.append(len(gui.window.findChildren(QAction)))
    assert counts[0] == counts[1] == counts[2]
    assert [action.text() for action in menu.actions()][:2] == ["Built-in", "Camera 1"]


def test_sources_can_be_chosen_by_dialog(gui, monkeypatch) -> None:
    opened = []
    monkeypatch.setattr(gui.controller, "open", opened.append)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("a.mp4", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "b")
    offered = []

    def ask(*_: object, text: str) -> tuple[str, bool]:
        offered.append(text)
        return " rtsp://c/d ", len(offered) == 1

    monkeypatch.setattr(QInputDialog, "getText", ask)
    for action in (gui.window.commands.open_file, gui.window.commands.open_folder, gui.window.commands.open_url):
        action.trigger()
    assert opened == ["a.mp4", "b", "rtsp://c/d"]
    gui.window.commands.open_url.trigger()
    assert offered == ["", "rtsp://c/d"], "to be mended"
    assert len(opened) == 3


def test_a_camera_that_is_there_and_does_not_open_is_named(gui, monkeypatch) -> None:
    refused = SourceError("cannot open camera 0: it is busy; close what uses it")
    cameras = iter([Opened(str(DEMO_CLIP), FakeFile(50), refused), Opened("0", gui.camera)])
    monkeypatch.setattr(gui.controller, "_opener", lambda spec, camera: next(cameras))
    gui.window.open(ANY_CAMERA)
    gui.wait(gui.window.banner.isVisible)
    assert "camera 0" in gui.window.banner.text.text()
    assert "No camera" not in gui.window.banner.text.text()
    find_button(gui.window.banner, "Try again").click()
    gui.wait(lambda: gui.controller.source is not None and gui.controller.source.kind == "camera")
    gui.wait(lambda: not gui.window.banner.isVisible())


def test_a_password_in_an_address_is_not_shown(gui, monkeypatch) -> None:
    go_on = threading.Event()

    def refuse(spec: str, camera: CameraSettings) -> Opened:
        go_on.wait(10)
        raise SourceError("it does not answer") from OSError(f"'{spec}'")

    monkeypatch.setattr(gui.controller, "_opener", refuse)
    gui.window.open("rtsp://me:secret@cam.local/1")
    gui.wait(lambda: "cam.local" in gui.window.picture._message)
    shown = [gui.window.picture._message, gui.window.toolbar.source.text()]
    go_on.set()
    gui.wait(gui.window.banner.isVisible)
    shown += [gui.window.banner.text.text(), gui.window.banner.details.toPlainText()]
    assert "cam.local" in shown[-1]
    assert not any("secret" in text for text in shown)


def test_the_demo_clip_in_place_of_a_camera_is_explained_once(gui, monkeypatch) -> None:
    monkeypatch.setattr(gui.controller, "_opener", lambda spec, camera: Opened(str(DEMO_CLIP), FakeFile(50)))
    gui.window.open(ANY_CAMERA)
    gui.wait(gui.window.banner.isVisible)
    assert "No camera was found" in gui.window.banner.text.text()
    gui.window.commands.full_screen.trigger()
    assert not gui.window.banner.isVisible()
    QApplication.processEvents()  # the system tells a window of its state by events
    gui.window.commands.escape.trigger()
    gui.window.open(ANY_CAMERA)
    gui.wait(gui.window.banner.isVisible)
    gui.window.banner.close_button.click()
    gui.window.open(str(DEMO_CLIP))
    gui.wait(lambda: gui.controller.source is not None and gui.shown() is not None)
    assert not gui.window.banner.isVisible()


def test_an_ampersand_in_a_name_is_a_letter_and_no_key(gui, monkeypatch) -> None:
    monkeypatch.setattr("app.gui.commands.list_cameras", lambda: [CameraInfo(0, "R&B")])
    commands, button = gui.window.commands, gui.window.toolbar.source
    commands.source_menu.aboutToShow.emit()
    assert commands.source_menu.actions()[0].text() == "R&&B"
    button.setText("Tom & Jerry.mp4")
    assert button.shortcut().isEmpty()
    width = button.sizeHint().width()
    button.setText("Tom + Jerry.mp4")
    assert abs(button.sizeHint().width() - width) < button.fontMetrics().horizontalAdvance("&")


def test_cameras_are_listed_by_name_and_opened_by_number(gui, monkeypatch) -> None:
    cameras = [CameraInfo(0, "Built-in"), CameraInfo(2, "회의실 카메라")]
    monkeypatch.setattr("app.gui.commands.list_cameras", lambda: cameras)
    opened = []
    monkeypatch.setattr(gui.controller, "open", opened.append)
    menu = gui.window.commands.source_menu
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == "회의실 카메라").trigger()
    assert opened == ["2"]


def test_the_open_camera_shows_its_name_and_the_mode_asked_for_and_got(gui, monkeypatch) -> None:
    cameras = [CameraInfo(0, "Built-in"), CameraInfo(1, "")]
    monkeypatch.setattr("app.gui.commands.list_cameras", lambda: cameras)
    menu = gui.window.commands.source_menu
    menu.aboutToShow.emit()
    gui.sources["0"] = lambda: FakeCamera(size=(480, 640))  # another each time it is opened
    gui.start()
    assert gui.window.windowTitle() == "Built-in – Lite-HRNet Live"
    assert gui.window.toolbar.source.text() == "Built-in"
    choose(gui.window.side.form.editor("camera", "lines").box, "1080p")
    told = "Built-in  640 × 480, 100 FPS (asked for: 1920 × 1080, 30 FPS)"
    gui.wait(lambda: told in gui.window.status._whole)
    menu.aboutToShow.emit()
    texts = [action.text() for action in menu.actions()][:2]
    assert texts == ["Built-in\t640 × 480, 100 FPS (asked for: 1920 × 1080, 30 FPS)", "Camera 1"]
    assert [action.isChecked() for action in menu.actions()][:2] == [True, False]


def test_the_camera_mode_is_asked_for_anew(gui) -> None:
    gui.start()
    choose(gui.window.side.form.editor("camera", "lines").box, "1080p")
    gui.wait(lambda: gui.camera.asked.lines == "1080p")


def test_a_picture_stays_that_was_shown_before_the_news_of_its_opening_came(gui) -> None:
    """It comes once, and news wait in a queue meanwhile."""
    gui.controller.open("a.png")
    gui.wait(lambda: gui.shown() is not None)
    gui.window.presenter.take(SourceOpening("a.png"))
    assert gui.shown() is not None
