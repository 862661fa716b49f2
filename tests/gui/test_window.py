"""The window: every control does what it says, and nothing makes it wait."""

import threading
import time
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PyQt6.QtGui import QDesktopServices, QDropEvent, QGuiApplication, QWheelEvent
from PyQt6.QtWidgets import QAbstractButton, QComboBox, QFileDialog, QInputDialog, QSlider, QSpinBox

from app.errors import SourceError
from app.gui.about import AboutDialog, ShortcutsDialog
from app.gui.batch_dialog import BatchDialog
from app.gui.theme import DARK, LIGHT, theme
from app.live.building import MissingWeightsError
from app.live.opening import ANY_CAMERA, DEMO_CLIP
from app.settings import load_settings
from app.sources.pictures import read_picture
from model.errors import EngineError, WeightsError
from model.zoo import resolve
from tests.app.live.fakes import FakeFile


def test_a_camera_is_shown_mirrored_with_its_people_and_figures(gui) -> None:
    gui.start()
    assert gui.window.picture.viewport.mirrored
    assert gui.window.windowTitle() == "camera 0 – Lite-HRNet Live"
    assert not gui.window.transport.isVisible()
    gui.wait(lambda: gui.controller.figures().display_fps > 0)
    gui.window.presenter.refresh()
    figures = gui.window.side.figures
    assert figures._figures["people"][1].text() == "1"
    assert figures._figures["inference"][1].text() != "–"
    assert "fake, CPU" in gui.window.status._whole


def test_the_gui_thread_neither_infers_nor_waits_for_it(gui) -> None:
    gui.builder.inference_s = 1.0
    gui.start()
    gaps, last = [], time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append(now - last)
        last = now

    timer = QTimer()
    timer.timeout.connect(tick)
    timer.start(5)
    seen = len(gui.builder.pipelines[0].seen)
    gui.wait(lambda: len(gui.builder.pipelines[0].seen) >= seen + 2)
    timer.stop()
    assert max(gaps) < 0.5  # half of one inference; a machine that does other things too has its pauses
    assert threading.get_ident() not in gui.builder.pipelines[0].threads


@pytest.mark.parametrize("size", ["fast", "balanced", "accurate"])
def test_model_sizes_switch_the_network_and_are_kept(gui, size: str) -> None:
    gui.start()
    gui.window.toolbar.sizes.button(size).click()
    gui.wait(lambda: gui.controller.engine_info.model == size)
    assert gui.window.side.form.editor("pose", "model").box.currentData() == size
    gui.saver.flush()
    assert load_settings(gui.settings_path).pose.model == size


def test_every_model_of_the_catalogue_is_behind_more(gui) -> None:
    gui.start()
    menu = gui.window.toolbar.models
    menu.aboutToShow.emit()
    names = [action.data() for action in menu.actions()]
    assert "litehrnet18-coco-256x192-mmpose" in names
    next(action for action in menu.actions() if action.data() == "tinypose-128x96").trigger()
    gui.wait(lambda: gui.controller.engine_info.model == "tinypose-128x96")
    assert gui.window.toolbar.more.text() == "tinypose-128x96"
    gui.wait(lambda: gui.window.side.figures._facts["input"]._whole == "128 × 96")


def test_missing_weights_are_offered_and_declining_goes_back(gui) -> None:
    gui.start()
    gui.builder.errors["fast"] = MissingWeightsError((resolve("fast"),))
    gui.window.toolbar.sizes.button("fast").click()
    gui.wait(gui.window.banner.isVisible)
    text = gui.window.banner.text.text()
    assert "tinypose-128x96 (pose network, 2.7 MB, Apache-2.0)" in text
    _button(gui.window.banner, "Not now").click()
    gui.wait(lambda: gui.settings.pose.model == "default")
    assert gui.window.toolbar.sizes.button("balanced").isChecked()
    assert not gui.window.banner.isVisible()


def test_missing_weights_are_downloaded_and_used(gui, monkeypatch) -> None:
    gui.start()
    gui.builder.errors["fast"] = MissingWeightsError((resolve("fast"),))
    go_on = threading.Event()

    def fetch(weight_set, progress) -> None:
        progress(weight_set.files[0].name, 1000, 2_000_000)
        go_on.wait(10)
        gui.builder.errors.clear()

    monkeypatch.setattr("app.live.download.ensure", fetch)
    monkeypatch.setattr("app.live.download.Download.__init__.__defaults__", (fetch,))
    gui.window.toolbar.sizes.button("fast").click()
    gui.wait(gui.window.banner.isVisible)
    _button(gui.window.banner, "Download").click()
    gui.wait(lambda: gui.window.banner.progress.isVisible() and "MB" in gui.window.banner.text.text())
    go_on.set()
    gui.wait(lambda: gui.controller.engine_info.model == "fast")
    gui.wait(lambda: not gui.window.banner.isVisible())


def test_a_download_can_be_cancelled_and_is_offered_again(gui, monkeypatch) -> None:
    gui.start()
    gui.builder.errors["fast"] = MissingWeightsError((resolve("fast"),))

    def fetch(weight_set, progress) -> None:
        while True:
            progress(weight_set.files[0].name, 1000, None)
            time.sleep(0.01)

    monkeypatch.setattr("app.live.download.Download.__init__.__defaults__", (fetch,))
    gui.window.toolbar.sizes.button("fast").click()
    gui.wait(gui.window.banner.isVisible)
    _button(gui.window.banner, "Download").click()
    gui.wait(lambda: "Downloading tinypose" in gui.window.banner.text.text())
    _button(gui.window.banner, "Cancel").click()
    gui.wait(lambda: "not on this machine" in gui.window.banner.text.text())


def test_a_choice_that_fails_is_a_sentence_with_details_and_the_old_one_stays(gui) -> None:
    gui.start()
    error = EngineError("device cuda: PyTorch finds no NVIDIA GPU or driver; use --device cpu")
    gui.builder.errors["accurate"] = error
    gui.window.toolbar.sizes.button("accurate").click()
    gui.wait(gui.window.banner.isVisible)
    assert gui.window.banner.text.text() == str(error)
    assert not gui.window.banner.details.isVisible()
    _button(gui.window.banner, "Details").click()
    assert gui.window.banner.details.isVisible()
    assert "EngineError" in gui.window.banner.details.toPlainText()
    gui.wait(lambda: gui.window.toolbar.sizes.button("balanced").isChecked())
    gui.wait(lambda: "fake, CPU" in gui.window.status._whole)
    gui.window.banner.close_button.click()
    assert not gui.window.banner.isVisible()


def test_a_model_that_is_no_more_is_told_and_another_can_be_chosen(gui) -> None:
    gui.builder.errors["was-my-own"] = WeightsError("no weight set is named 'was-my-own'; choose another")
    pose = gui.settings.pose.model_copy(update={"model": "was-my-own"})
    gui.controller.open("0")
    gui.window.take_settings(gui.settings.model_copy(update={"pose": pose}))
    gui.wait(gui.window.banner.isVisible)
    assert "no weight set is named" in gui.window.banner.text.text()
    gui.window.toolbar.models.aboutToShow.emit()
    gui.window.toolbar.sizes.button("fast").click()
    gui.wait(lambda: gui.shown() is not None and gui.shown().result is not None)
    gui.wait(lambda: not gui.window.banner.isVisible())


def test_settings_act_at_once_and_are_kept(gui) -> None:
    gui.start()
    form = gui.window.side.form
    form.editor("detection", "max_persons").box.setValue(3)
    form.editor("detection", "person_threshold").unset.click()
    form.editor("pose", "keypoint_threshold").slider.setValue(100)
    form.editor("smoothing", "enabled").switch.click()
    form.editor("drawing", "boxes").switch.click()
    pipeline = gui.builder.pipelines[0]
    gui.wait(lambda: pipeline.applied and not pipeline.applied[-1].smoothing.enabled)
    applied = pipeline.applied[-1]
    assert applied.detection.max_persons == 3
    assert applied.detection.person_threshold == pytest.approx(0.5)
    assert applied.pose.keypoint_threshold == pytest.approx(0.5)
    assert gui.window.commands.overlays["boxes"].isChecked()
    assert gui.window.picture._style.boxes
    gui.saver.flush()
    assert load_settings(gui.settings_path) == gui.settings
    form.reset_to_defaults()
    assert gui.settings.detection.max_persons == 10
    assert gui.settings.detection.person_threshold is None
    assert form.editor("smoothing", "enabled").switch.isChecked()


def test_choices_in_the_form_switch_detector_engine_and_device(gui) -> None:
    gui.start()
    for key, value in (("engine", "openvino"), ("device", "cpu")):
        _choose(gui.window.side.form.editor("pose", key).box, value)
    _choose(gui.window.side.form.editor("detection", "detector").box, "whole-frame")
    gui.wait(lambda: gui.controller.engine_info.detector == "whole-frame")
    assert (gui.settings.pose.engine, gui.settings.pose.device) == ("openvino", "cpu")


def test_overlay_commands_and_form_show_the_same(gui) -> None:
    gui.start()
    for key, action in gui.window.commands.overlays.items():
        before = getattr(gui.settings.drawing, key)
        action.trigger()
        assert getattr(gui.settings.drawing, key) is not before
        assert gui.window.side.form.editor("drawing", key).switch.isChecked() is not before
    gui.window.commands.mirror.trigger()
    assert not gui.window.picture.viewport.mirrored


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
    gui.wait(lambda: transport.playback().position_s == pytest.approx(0.6))
    bar.forward.click()
    gui.wait(lambda: transport.playback().position_s == pytest.approx(0.62))
    bar.back.click()
    gui.wait(lambda: transport.playback().position_s == pytest.approx(0.6))
    gui.wait(lambda: gui.shown().frame.index == 30)
    bar.loop.click()
    assert not transport.playback().loop
    _choose(bar.speed, 2.0)
    assert transport.playback().speed == 2.0
    window.commands.play.trigger()
    gui.wait(lambda: transport.playback().at_end)


def test_a_single_picture_has_no_transport(gui) -> None:
    gui.start("a.png")
    assert gui.controller.source.kind == "picture"
    assert not gui.window.transport.isVisible()
    assert not gui.window.commands.play.isEnabled()


def test_recording_leaves_files_and_shows_how_it_goes(gui) -> None:
    gui.start()
    gui.window.commands.record.trigger()
    gui.wait(lambda: gui.controller.recording is not None and gui.controller.recording.frames > 3)
    gui.window.presenter.refresh()
    assert "MB" in gui.window.toolbar.record.text()
    gui.window.commands.record.trigger()
    gui.wait(lambda: "Saved" in gui.window.banner.text.text())
    assert sorted(path.suffix for path in gui.recordings.iterdir()) == [".jsonl", ".mp4"]
    gui.window.presenter.refresh()
    assert not gui.window.commands.record.isChecked()


def test_closing_while_recording_leaves_whole_files(gui) -> None:
    gui.start()
    gui.window.commands.record.trigger()
    gui.wait(lambda: gui.controller.recording is not None and gui.controller.recording.frames > 3)
    gui.close()
    video = next(path for path in gui.recordings.iterdir() if path.suffix == ".mp4")
    from app.sources.video_file import VideoFileSource

    assert len(list(VideoFileSource(video))) > 3


def test_snapshot_and_clipboard(gui) -> None:
    gui.start()
    gui.window.commands.snapshot.trigger()
    gui.wait(lambda: "Saved" in gui.window.banner.text.text())
    assert read_picture(next(gui.recordings.glob("*.png"))).shape == (480, 640, 3)
    QGuiApplication.clipboard().clear()
    gui.window.commands.copy.trigger()
    gui.wait(lambda: QGuiApplication.clipboard().image().width() == 640)


def test_a_source_that_fails_is_a_sentence_and_another_can_be_chosen(gui) -> None:
    gui.controller.open("gone.mp4")
    gui.wait(gui.window.banner.isVisible)
    assert gui.window.banner.text.text() == "gone.mp4 does not exist; check the path"
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


def _drop(gui, paths: list[Path]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    gui.window.picture.dropEvent(event)


def test_a_file_dropped_on_the_picture_is_opened(gui, tmp_path: Path) -> None:
    _drop(gui, [tmp_path / "새 영상.mp4"])
    gui.wait(gui.window.banner.isVisible)
    assert str(tmp_path / "새 영상.mp4") in gui.window.banner.text.text()


def test_several_dropped_files_are_offered_for_processing(gui, tmp_path: Path) -> None:
    _drop(gui, [tmp_path / "a.mp4", tmp_path / "b.mp4"])
    dialog = gui.window.findChild(BatchDialog)
    assert [dialog.table.item(row, 0).text() for row in range(2)] == ["a.mp4", "b.mp4"]
    dialog.close()


def test_sources_can_be_chosen_by_dialog(gui, monkeypatch) -> None:
    opened = []
    monkeypatch.setattr(gui.controller, "open", opened.append)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("a.mp4", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "b")
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: (" rtsp://c/d ", True))
    for action in (gui.window.commands.open_file, gui.window.commands.open_folder, gui.window.commands.open_url):
        action.trigger()
    assert opened == ["a.mp4", "b", "rtsp://c/d"]


def test_the_demo_clip_in_place_of_a_camera_is_explained_once(gui, monkeypatch) -> None:
    monkeypatch.setattr(gui.controller, "_opener", lambda spec, camera: (str(DEMO_CLIP), FakeFile(50)))
    gui.window.open(ANY_CAMERA)
    gui.wait(gui.window.banner.isVisible)
    assert "No camera was found" in gui.window.banner.text.text()
    gui.window.banner.close_button.click()
    gui.window.open(str(DEMO_CLIP))
    gui.wait(lambda: gui.controller.source is not None and gui.shown() is not None)
    assert not gui.window.banner.isVisible()


def test_cameras_are_listed_by_name_and_opened_by_number(gui, monkeypatch) -> None:
    from app.sources.camera_list import CameraInfo

    cameras = [CameraInfo(0, "Built-in"), CameraInfo(2, "회의실 카메라")]
    monkeypatch.setattr("app.gui.commands.list_cameras", lambda: cameras)
    opened = []
    monkeypatch.setattr(gui.controller, "open", opened.append)
    menu = gui.window.commands.source_menu
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == "회의실 카메라").trigger()
    assert opened == ["2"]


def test_full_screen_shows_the_picture_alone_and_escape_leaves_it(gui) -> None:
    gui.start()
    window = gui.window
    window.commands.full_screen.trigger()
    assert window.isFullScreen()
    for part in (window.menuBar(), window.toolbar, window.side, window.footer):
        assert not part.isVisible()
    gui.wait(lambda: window.picture.cursor().shape() == Qt.CursorShape.BlankCursor)
    window.commands.leave_full_screen.trigger()
    assert window.picture.cursor().shape() == Qt.CursorShape.ArrowCursor
    assert not window.isFullScreen()
    assert window.toolbar.isVisible()
    assert window.side.isVisible()


def test_zooming_by_wheel_and_keys(gui) -> None:
    gui.start()
    picture = gui.window.picture
    centre = QPointF(picture.rect().center())
    wheel = QWheelEvent(
        centre,
        centre,
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    picture.wheelEvent(wheel)
    assert picture.viewport.zoom == pytest.approx(1.44)
    gui.window.commands.zoom_in.trigger()
    assert picture.viewport.zoom == pytest.approx(1.8)
    gui.window.commands.zoom_fit.trigger()
    assert picture.viewport.zoom == 1.0


def test_theme_follows_the_choice(gui) -> None:
    for choice, colours in (("light", LIGHT), ("dark", DARK)):
        next(action for action in gui.window.commands.themes.actions() if action.data() == choice).trigger()
        assert theme().colours == colours
        assert gui.settings.window.theme == choice


def test_the_language_changes_while_the_picture_goes_on(gui) -> None:
    gui.start()
    _choose(gui.window.side.form.editor("window", "language").box, "ko")
    gui.wait(lambda: gui.window.commands.record.text() == "녹화")
    gui.wait(lambda: gui.shown() is not None and gui.shown().result is not None)
    assert len(gui.builder.pipelines) == 1
    _choose(gui.window.side.form.editor("window", "language").box, "en")
    gui.wait(lambda: gui.window.commands.record.text() == "Record")


def test_outputs_show_where_they_are_and_refuse_what_is_no_address(gui) -> None:
    gui.start()
    form, card = gui.window.side.form, gui.window.side.figures.sending
    assert card.isHidden()
    editor = form.editor("outputs", "osc_address")
    for text, fits in (("nowhere", False), ("127.0.0.1:9123", True)):
        editor.line.setText(text)
        editor.line.editingFinished.emit()
        assert (gui.settings.outputs.osc_address == text) is fits
        assert editor._problem.isHidden() is fits
    form.editor("outputs", "osc").switch.click()
    gui.wait(lambda: "127.0.0.1:9123" in card.entries["osc"].text())
    assert not card.isHidden()
    form.editor("outputs", "osc").switch.click()
    gui.wait(card.isHidden)


def test_angles_of_the_chosen_person_are_numbers_and_lines(gui) -> None:
    gui.start()
    chart = gui.window.side.figures.angles
    gui.wait(lambda: "°" in chart._numbers["left"][2].text())
    assert [chart.person.itemText(index) for index in range(chart.person.count())] == ["Largest person", "Person 1"]
    _choose(chart.person, 1)
    _choose(chart.joint, "knee")
    gui.wait(lambda: "°" in chart._numbers["right"][2].text())
    gui.window.commands.overlays["angles"].trigger()
    assert gui.window.picture._style.angles


def test_about_tells_versions_and_licences(gui) -> None:
    gui.window.commands.about.trigger()
    dialog = gui.window.findChild(AboutDialog)
    assert dialog.isVisible()
    dialog.reject()
    gui.window.commands.shortcuts.trigger()
    dialog = gui.window.findChild(ShortcutsDialog)
    assert dialog.isVisible()
    dialog.reject()


def test_no_two_commands_share_keys(gui) -> None:
    keys = [keys for _, keys in gui.window.commands.with_shortcuts()]
    assert len(keys) == len(set(keys))
    assert len(keys) > 20


def test_every_control_has_an_accessible_name_and_takes_the_keyboard(gui) -> None:
    gui.start("clip.mp4")
    kinds = (QAbstractButton, QComboBox, QSlider, QSpinBox)
    controls = [control for kind in kinds for control in gui.window.centralWidget().findChildren(kind)]
    inner = [control for control in controls if control.objectName().startswith("qt_")]
    for control in controls:
        if control in inner:
            continue
        name = control.accessibleName() or (control.text() if isinstance(control, QAbstractButton) else "")
        assert name, control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, (name, control)
    assert len(controls) > 40


def _button(parent, text: str) -> QAbstractButton:
    return next(
        button for button in parent.findChildren(QAbstractButton) if button.text() == text and not button.isHidden()
    )


def _choose(box: QComboBox, value: object) -> None:
    index = box.findData(value)
    assert index >= 0
    box.setCurrentIndex(index)
    box.activated.emit(index)


def test_tab_goes_from_the_toolbar_over_the_picture_to_the_panel(gui) -> None:
    gui.start("clip.mp4")
    window = gui.window
    places = {window.toolbar: 0, window.stage: 1, window.transport: 2, window.side: 3}
    visited = []
    widget = window.toolbar.source
    for _ in range(60):
        place = next((order for part, order in places.items() if part.isAncestorOf(widget)), None)
        if place is not None and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            visited.append(place)
        widget = widget.nextInFocusChain()
        if widget is window.toolbar.source:
            break
    assert visited == sorted(visited)
    assert set(visited) == {0, 1, 2, 3}


def test_the_folder_of_recordings_can_be_chosen_and_shown(gui, tmp_path: Path, monkeypatch) -> None:
    chosen, shown = tmp_path / "다른 폴더", []
    chosen.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(chosen))
    monkeypatch.setattr(QDesktopServices, "openUrl", shown.append)
    editor = gui.window.side.form.editor("window", "folder")
    editor.choose.click()
    assert gui.settings.window.folder == chosen
    assert gui.window.folder() == chosen
    gui.window.commands.show_folder.trigger()
    assert Path(shown[0].toLocalFile()) == chosen


def test_the_camera_mode_is_asked_for_anew(gui) -> None:
    gui.start()
    _choose(gui.window.side.form.editor("camera", "lines").box, "1080p")
    gui.wait(lambda: gui.camera.asked.lines == "1080p")


def test_the_side_panel_can_be_hidden(gui) -> None:
    gui.start()
    gui.window.commands.side_panel.trigger()
    assert not gui.window.side.isVisible()
    gui.window.commands.side_panel.trigger()
    assert gui.window.side.isVisible()
    gui.window.side.pages.button("settings").click()
    assert gui.window.side.form.isVisible()
    gui.window.side.pages.button("live").click()
    assert gui.window.side.figures.isVisible()


def test_closing_while_a_download_runs_is_quick(gui, monkeypatch) -> None:
    gui.start()
    gui.builder.errors["fast"] = MissingWeightsError((resolve("fast"),))

    def fetch(weight_set, progress) -> None:
        while True:
            progress(weight_set.files[0].name, 1000, None)
            time.sleep(0.01)

    monkeypatch.setattr("app.live.download.Download.__init__.__defaults__", (fetch,))
    gui.window.toolbar.sizes.button("fast").click()
    gui.wait(gui.window.banner.isVisible)
    _button(gui.window.banner, "Download").click()
    gui.wait(lambda: "Downloading tinypose" in gui.window.banner.text.text())
    gui.close()
    assert not gui.controller.threads()
