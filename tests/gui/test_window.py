"""The window as a whole: what it shows, by which keys, and that nothing makes it wait."""

import threading
import time

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt, QTimer
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QAbstractButton, QComboBox, QSlider, QSpinBox

from app.gui.about import AboutDialog, ShortcutsDialog


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
