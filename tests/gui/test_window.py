"""The window as a whole: what it shows, by which keys, and that nothing makes it wait."""

import threading
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QSlider,
    QSpinBox,
    QTableWidget,
)

from app.gui.about import AboutDialog, ShortcutsDialog
from app.live.recorder import RecordingStatus
from app.live.transport import Playback
from tests.gui.controls import choose, turn_wheel
from tests.gui.soak import Watch


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
    gui.builder.gate = threading.Semaphore(1)
    gui.start()
    pipeline = gui.builder.pipelines[0]
    gui.wait(lambda: pipeline.begun == 2)
    ticks, painted = [], []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(True))
    timer.start(5)
    gui.window.picture.drawn.connect(painted.append)
    gui.window.commands.zoom_in.trigger()
    gui.wait(lambda: len(ticks) > 50)  # and the network is at work on its second frame all the while
    assert pipeline.begun == 2
    assert len(pipeline.seen) == 1
    gui.builder.gate.release()
    gui.wait(lambda: painted)
    timer.stop()
    gui.builder.gate.release(1000)
    assert threading.get_ident() not in pipeline.threads


def test_pauses_and_the_age_of_pictures_are_measured(gui) -> None:
    gui.builder.inference_s = 0.3
    gui.camera.interval_s = 1 / 30
    watch = Watch(gui.desktop, gui.controller)
    gui.start()
    gui.wait(lambda: len(watch.now.ages_s) >= 5)
    seen = watch.take()
    watch.stop()
    assert min(seen.ages_s) >= 0.3
    assert len(seen.pauses_s) > 5
    assert gui.controller.figures().dropped > 5 * 3
    assert f"{len(seen.ages_s)} pictures" in seen.line()


def test_full_screen_shows_the_picture_alone_and_escape_leaves_it(gui) -> None:
    gui.start()
    window = gui.window
    window.commands.full_screen.trigger()
    assert window.isFullScreen()
    for part in (window.menuBar(), window.toolbar, window.side, window.footer):
        assert not part.isVisible()
    gui.wait(lambda: window.picture.cursor().shape() == Qt.CursorShape.BlankCursor)
    window.commands.escape.trigger()
    assert window.picture.cursor().shape() == Qt.CursorShape.ArrowCursor
    assert not window.isFullScreen()
    assert window.toolbar.isVisible()
    assert window.side.isVisible()


def test_the_cursor_rests_again_after_a_zoom_and_after_a_click(gui) -> None:
    gui.start()
    picture = gui.window.picture
    picture._idle.setInterval(50)
    gui.window.commands.full_screen.trigger()
    for deed in (
        lambda: turn_wheel(picture, 1),
        lambda: gui.qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=picture.rect().center()),
    ):
        gui.wait(lambda: picture.cursor().shape() == Qt.CursorShape.BlankCursor)
        deed()
        assert picture.cursor().shape() == Qt.CursorShape.OpenHandCursor
    gui.wait(lambda: picture.cursor().shape() == Qt.CursorShape.BlankCursor)


def test_full_screen_left_by_the_system_brings_everything_back(gui) -> None:
    gui.start()
    window = gui.window
    window.commands.full_screen.trigger()
    window.showNormal()
    gui.wait(window.toolbar.isVisible)
    for part in (window.menuBar(), window.side, window.footer):
        assert part.isVisible()
    assert not window.commands.full_screen.isChecked()
    window.showFullScreen()
    gui.wait(lambda: not window.toolbar.isVisible())
    assert window.commands.full_screen.isChecked()
    window.commands.escape.trigger()
    assert not window.isFullScreen()


def test_full_screen_outlives_a_change_of_the_language(gui) -> None:
    gui.start()
    former = gui.window
    former.commands.full_screen.trigger()
    choose(former.side.form.editor("window", "language").box, "ko")
    gui.wait(lambda: gui.window is not former)
    gui.wait(lambda: not gui.window.toolbar.isVisible())
    assert gui.window.isFullScreen()
    gui.window.commands.escape.trigger()
    assert gui.window.toolbar.isVisible()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_window_fits_a_screen_of_800_pixels_whatever_it_tells(gui, language: str) -> None:
    former = gui.window
    if language != "en":
        choose(former.side.form.editor("window", "language").box, language)
        gui.wait(lambda: gui.window is not former)
    window, toolbar = gui.window, gui.window.toolbar
    toolbar.show_source("Logitech HD Pro Webcam C920", "camera")
    toolbar.show_model("litehrnet30-coco-384x288-mmpose")
    window.transport.show_duration(7200.0, 0.04)
    window.transport.show_playback(Playback(position_s=7000.0))
    window.transport.show()
    window._figures.stop()
    for skipped in (0, 180):
        toolbar.show_recording(RecordingStatus(3700.0, 1234.5e6, 100, skipped))
        QApplication.processEvents()  # parts tell those that hold them of other sizes by events
        assert window.minimumSizeHint().width() <= 800
    assert toolbar.source.text() == "Logitech HD Pro Webcam C920"
    wide = toolbar.source.sizeHint().width()
    toolbar.show_source("cam", "camera")
    assert toolbar.source.minimumSizeHint() == toolbar.source.sizeHint()
    assert toolbar.source.sizeHint().width() < wide


@pytest.mark.parametrize("hours", [0, 2])
def test_a_window_of_any_width_leaves_room_to_seek(gui, hours: int) -> None:
    gui.start("clip.mp4")
    window, transport = gui.window, gui.window.transport
    gui.controller.transport.pause()
    gui.wait(transport.isVisible)
    window._figures.stop()
    transport.show_duration(60 + 3600 * hours, 0.04)
    transport.show_playback(Playback(position_s=3600 * hours))
    buttons = (transport.play, transport.time, transport.speed, transport.loop)

    def settled(beside: bool) -> bool:
        position, play = transport.slider.geometry(), transport.play.geometry()
        apart = not any(position.intersects(button.geometry()) for button in buttons)
        same_row = position.top() <= play.center().y() <= position.bottom()
        return apart and position.width() >= 120 and transport.rect().contains(position) and same_row == beside

    for width, beside in ((1280, True), (700, False), (1280, True)):
        window.resize(width, 600)
        gui.wait(lambda beside=beside: settled(beside))
    for width in (900, 760):
        window.resize(width, 600)
        gui.wait(lambda: settled(True) or settled(False))
        assert window.width() == max(width, window.minimumSizeHint().width())


def test_zooming_by_wheel_and_keys(gui) -> None:
    gui.start()
    picture = gui.window.picture
    turn_wheel(picture, 2)
    assert picture.viewport.zoom == pytest.approx(1.44)
    gui.window.commands.zoom_in.trigger()
    assert picture.viewport.zoom == pytest.approx(1.8)
    gui.window.commands.zoom_fit.trigger()
    assert picture.viewport.zoom == 1.0


def test_about_tells_versions_and_licences(gui) -> None:
    gui.window.commands.about.trigger()
    dialog = gui.window.findChild(AboutDialog)
    assert dialog.isVisible()
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    stated = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert f"Version {stated['project']['version']}" in texts
    table, button = dialog.findChild(QTableWidget), dialog.findChild(QDialogButtonBox)
    assert not table.geometry().intersects(button.geometry())
    licences = [table.item(row, 2).text() for row in range(table.rowCount()) if table.item(row, 0).text() == "PyQt6"]
    assert licences == ["GPL-3.0-only"]
    dialog.reject()
    gui.window.commands.shortcuts.trigger()
    dialog = gui.window.findChild(ShortcutsDialog)
    assert dialog.isVisible()
    dialog.reject()
    gui.wait(lambda: not gui.window.findChildren(QDialog))  # none is left behind


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


def test_a_long_name_breaks_in_what_is_told_in_place_of_the_picture(gui) -> None:
    picture = gui.window.picture

    def lines_of(message: str) -> int:
        picture.show_message(message)
        shown = picture.grab().toImage()
        ground = shown.pixel(0, 0)
        rows = range(shown.height())
        inked = [any(shown.pixel(x, y) != ground for x in range(0, shown.width(), 2)) for y in rows]
        return sum(now and not before for before, now in pairwise(inked))

    assert lines_of("n") == 1
    assert lines_of("n" * 300) > 1


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
