"""Who works with the keyboard sees where the next key will act."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication, QDialog, QPushButton, QWidget

from app.gui.batch_dialog import BatchDialog
from tests.gui.controls import find_button

_LEAST_CHANGED = 40  # pixels


def pixels(widget: QWidget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    values = image.constBits().asarray(image.sizeInBytes())
    return np.frombuffer(values, np.uint8).reshape(image.height(), image.width(), 4).astype(int)


def changed(widget: QWidget, elsewhere: QWidget) -> int:
    """How many pixels of a control differ clearly while it has the focus of the Tab key."""
    elsewhere.setFocus()
    before = pixels(widget)
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    assert widget.hasFocus()
    return int((np.abs(pixels(widget) - before).max(axis=2) > 40).sum())


def shown_controls(window: QWidget) -> list[QWidget]:
    """What Tab reaches, as it is shown now."""
    return [
        control
        for control in window.findChildren(QWidget)
        if control.isVisible() and control.isEnabled() and control.focusPolicy() & Qt.FocusPolicy.TabFocus
        and control.focusProxy() is None and control.window() is window
    ]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", ["live", "settings"])
def test_every_control_of_the_window_shows_that_it_has_the_focus(gui, page: str, theme: str) -> None:
    gui.start("clip.mp4")
    window = gui.window
    gui.controller.transport.pause()
    gui.wait(lambda: gui.shown().result)
    window._set("window", "theme", theme)
    window.side.show_page(page)
    window.banner.show_note(
        "A question", (("The likely answer", window.update), ("The other", window.update)), about="it"
    )
    window.activateWindow()
    window._repaint.stop()
    controls = shown_controls(window)
    assert {window.picture, window.transport.slider, window.toolbar.sizes.button("balanced")} <= set(controls)
    for index, control in enumerate(controls):
        name = f"{type(control).__name__} {control.accessibleName() or getattr(control, 'text', str)()}"
        assert changed(control, controls[index - 1]) >= _LEAST_CHANGED, name


def test_every_control_of_the_list_of_files_shows_that_it_has_the_focus(gui, tmp_path) -> None:
    gui.start()
    (tmp_path / "a.mp4").touch()
    gui.window._process_files([tmp_path / "a.mp4"])
    dialog = gui.window.findChild(BatchDialog)
    assert isinstance(dialog, QDialog)
    dialog.activateWindow()
    start = find_button(dialog, "Start")
    gui.wait(lambda: QApplication.activeWindow() is dialog)
    controls = shown_controls(dialog)
    assert {dialog.table, start} <= set(controls)
    for index, control in enumerate(controls):
        name = f"{type(control).__name__} {control.accessibleName()}"
        assert changed(control, controls[index - 1]) >= _LEAST_CHANGED, name
    assert isinstance(start, QPushButton)


def test_the_page_of_figures_is_scrolled_by_keys(gui) -> None:
    gui.start()
    gui.window.resize(1000, 560)
    gui.window.activateWindow()
    page = gui.window.side._stack.currentWidget()
    page.setFocus(Qt.FocusReason.TabFocusReason)
    bar = page.verticalScrollBar()
    gui.wait(lambda: bar.maximum() > 0)
    for _ in range(10):
        gui.qtbot.keyClick(page, Qt.Key.Key_PageDown)
    assert bar.value() == bar.maximum()
