"""Everything in the window can be reached and worked without a mouse."""

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QDesktopServices, QGuiApplication
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QMenuBar,
    QSlider,
    QToolButton,
    QWidget,
)

from app.gui.batch_dialog import BatchDialog
from app.gui.field_editors import (
    ChoiceEditor,
    FieldEditor,
    FolderEditor,
    NumberEditor,
    SwitchEditor,
    TextEditor,
)
from app.live.news import Failure
from tests.app.clips import shades, write_clip
from tests.app.live.fakes import FakeFile
from tests.gui.controls import find_button

_CONTROLS = (QAbstractButton, QComboBox, QSlider, QAbstractSpinBox, QLineEdit)


def press(gui, widget: QWidget, key: Qt.Key = Qt.Key.Key_Space) -> None:
    """Give a control the focus and press a key."""
    widget.setFocus()
    gui.qtbot.keyClick(widget, key)


def press_in_menu(gui, button: QToolButton, *keys: Qt.Key) -> None:
    """Open a button's menu with the space bar, and go on in it."""

    def go_on() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        for key in keys:
            gui.qtbot.keyClick(menu, key)

    QTimer.singleShot(100, go_on)
    press(gui, button)


def _reached_by_tab(gui) -> set[QWidget]:
    window, reached = gui.window, set()
    window.activateWindow()
    window.toolbar.source.setFocus()
    for _ in range(150):
        widget = QApplication.focusWidget()
        if widget in reached:
            break
        reached.add(widget)
        gui.qtbot.keyClick(widget, Qt.Key.Key_Tab)
    return reached


def _controls(part: QWidget) -> set[QWidget]:
    controls = {control for kind in _CONTROLS for control in part.findChildren(kind)}
    # Parts of a control: the line of a spin box, the menu button of the menu bar.
    inner = {
        one for one in controls if one.objectName().startswith("qt_") or isinstance(one.parent(), QAbstractSpinBox)
    }
    return {control for control in controls - inner if control.isVisible() and control.isEnabled()}


@pytest.mark.parametrize("page", ["live", "settings"])
def test_tab_reaches_every_control(gui, page: str) -> None:
    gui.start("clip.mp4")
    gui.window.side.pages.button(page).click()
    gui.controller.open("gone.mp4")
    gui.wait(gui.window.banner.isVisible)
    gui.controller.open("clip.mp4")
    gui.wait(gui.window.transport.isVisible)
    gui.window.banner.show_note("A message", (("Do it", lambda: None), ("Not now", lambda: None)), about="a test")
    gui.qtbot.waitExposed(gui.window)
    missed = _controls(gui.window.centralWidget()) - _reached_by_tab(gui)
    # Of choices that exclude one another, Tab goes to the one that holds; arrows go on from there.
    missed = {one for one in missed if not (isinstance(one, QAbstractButton) and one.group() is not None)}
    assert not {one.accessibleName() or type(one).__name__ for one in missed}
    assert gui.window.picture in _reached_by_tab(gui)


def _work(gui, editor: FieldEditor, folder: Path) -> None:
    """Change a setting by keys alone."""
    match editor:
        case SwitchEditor():
            press(gui, editor.switch)
        case NumberEditor():
            if editor.unset is not None:
                press(gui, editor.unset)
            before = editor.box.value()
            press(gui, editor.slider, Qt.Key.Key_Right)
            assert editor.box.value() > before
        case ChoiceEditor():
            at_end = editor.box.currentIndex() == editor.box.count() - 1
            press(gui, editor.box, Qt.Key.Key_Up if at_end else Qt.Key.Key_Down)
        case TextEditor():
            editor.line.setFocus()
            editor.line.selectAll()
            gui.qtbot.keyClicks(editor.line, "127.0.0.1:9321")
            gui.qtbot.keyClick(editor.line, Qt.Key.Key_Return)
        case FolderEditor():
            press(gui, editor.choose)


def test_every_setting_is_changed_by_keys_and_acts(gui, tmp_path: Path, monkeypatch) -> None:
    gui.start()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    gui.window.side.pages.button("settings").click()
    form = gui.window.side.form
    for (section, key), editor in form._editors.items():
        if (section, key) == ("window", "language"):
            continue  # makes the window anew; has a test of its own
        before = getattr(getattr(gui.settings, section), key)
        _work(gui, editor, tmp_path)
        assert getattr(getattr(gui.settings, section), key) != before, (section, key)
    press(gui, find_button(form, "Reset to defaults"))
    kept = gui.settings
    press(gui, find_button(gui.window.banner, "Keep them"))
    assert gui.settings == kept
    assert not gui.window.banner.isVisible()
    press(gui, find_button(form, "Reset to defaults"))
    assert gui.settings == kept
    press(gui, find_button(gui.window.banner, "Reset"))
    assert gui.settings.drawing == type(gui.settings.drawing)()
    assert not gui.window.banner.isVisible()


def test_digits_of_a_number_are_typed(gui) -> None:
    gui.start()
    gui.window.side.pages.button("settings").click()
    box = gui.window.side.form.editor("detection", "max_persons").box
    box.setFocus()
    box.selectAll()
    gui.qtbot.keyClicks(box, "42")
    gui.qtbot.keyClick(box, Qt.Key.Key_Return)
    assert gui.settings.detection.max_persons == 42


def test_digits_choose_in_a_list_that_has_the_focus_and_switch_overlays_elsewhere(gui) -> None:
    gui.start()
    gui.window.activateWindow()
    gui.window.side.pages.button("settings").click()
    gui.window.side.form.editor("camera", "fps").box.setFocus()
    before = gui.settings.drawing.angles
    gui.qtbot.keyClick(gui.window.windowHandle(), Qt.Key.Key_6)
    gui.wait(lambda: gui.settings.camera.fps == "60")
    assert gui.settings.drawing.angles is before
    gui.window.picture.setFocus()
    gui.qtbot.keyClick(gui.window.windowHandle(), Qt.Key.Key_6)
    gui.wait(lambda: gui.settings.drawing.angles is not before)


def test_models_and_sources_are_chosen_by_keys(gui, monkeypatch) -> None:
    gui.start()
    toolbar = gui.window.toolbar
    for size in ("fast", "accurate"):
        press(gui, toolbar.sizes.button(size))
        assert gui.settings.pose.model == size
    press_in_menu(gui, toolbar.more, Qt.Key.Key_Down, Qt.Key.Key_Return)
    gui.wait(lambda: gui.settings.pose.model == toolbar.models.actions()[0].data())
    opened = []
    monkeypatch.setattr(gui.controller, "open", opened.append)
    press_in_menu(gui, toolbar.source, Qt.Key.Key_Up, Qt.Key.Key_Return)  # from below
    gui.wait(lambda: len(opened) == 1)


def test_buttons_above_the_picture_work_by_keys(gui) -> None:
    gui.start()
    window, toolbar = gui.window, gui.window.toolbar
    QGuiApplication.clipboard().clear()
    record, snapshot, copy, full_screen, panel = toolbar.buttons
    press(gui, record)
    gui.wait(lambda: gui.controller.recording is not None and gui.controller.recording.frames > 3)
    press(gui, record)
    gui.wait(lambda: gui.controller.recording is None)
    press(gui, snapshot)
    gui.wait(lambda: list(gui.recordings.glob("*.png")))
    press(gui, copy)
    gui.wait(lambda: QGuiApplication.clipboard().image().width() == 640)
    press(gui, panel)
    assert not window.side.isVisible()
    press(gui, full_screen)
    assert window.isFullScreen()
    gui.qtbot.keyClick(window.picture, Qt.Key.Key_Escape)
    assert not window.isFullScreen()


def test_a_file_is_played_by_keys(gui) -> None:
    gui.start("clip.mp4")
    bar, transport = gui.window.transport, gui.controller.transport
    press(gui, bar.play)
    gui.wait(lambda: not transport.playback().playing)
    press(gui, bar.slider, Qt.Key.Key_Home)
    gui.wait(lambda: gui.shown().frame.index == 0)
    press(gui, bar.forward)
    gui.wait(lambda: transport.playback().position_s == pytest.approx(0.02))
    press(gui, bar.back)
    gui.wait(lambda: transport.playback().position_s == 0)
    press(gui, bar.slider, Qt.Key.Key_End)
    gui.wait(lambda: gui.shown().frame.index == 49)
    assert transport.playback().position_s == pytest.approx(0.98)  # the last frame's time
    press(gui, bar.speed, Qt.Key.Key_Down)
    assert transport.playback().speed == 1.5
    press(gui, bar.loop)
    assert not transport.playback().loop


def test_each_press_of_an_arrow_seeks_from_where_the_one_before_went(gui) -> None:
    gui.sources["long.mp4"] = lambda: FakeFile(3000)
    gui.start("long.mp4")
    bar = gui.window.transport
    bar.play.click()
    press(gui, bar.slider, Qt.Key.Key_Home)
    for _ in range(5):
        press(gui, bar.slider, Qt.Key.Key_Right)
    gui.wait(lambda: gui.shown().frame.time_s == 5)
    for _ in range(2):
        press(gui, bar.slider, Qt.Key.Key_Left)
    gui.wait(lambda: gui.shown().frame.time_s == 3)


def test_the_space_bar_works_the_control_that_has_the_focus_and_plays_elsewhere(gui) -> None:
    gui.start("clip.mp4")
    gui.window.side.pages.button("settings").click()
    press(gui, gui.window.side.form.editor("drawing", "boxes").switch)
    assert gui.settings.drawing.boxes
    assert gui.controller.transport.playback().playing
    press(gui, gui.window.picture)
    gui.wait(lambda: not gui.controller.transport.playback().playing)


def test_a_click_on_record_leaves_the_space_bar_to_playing(gui) -> None:
    gui.start("clip.mp4")
    gui.window.activateWindow()
    gui.window.picture.setFocus()
    gui.qtbot.mouseClick(gui.window.toolbar.record, Qt.MouseButton.LeftButton)
    gui.wait(lambda: gui.controller.recording is not None)
    gui.qtbot.keyClick(gui.window.focusWidget(), Qt.Key.Key_Space)
    gui.wait(lambda: not gui.controller.transport.playback().playing)
    assert gui.controller.recording is not None


def test_pages_and_charts_work_by_keys(gui) -> None:
    gui.start()
    side, chart = gui.window.side, gui.window.side.figures.angles
    gui.wait(lambda: chart.person.count() == 2)
    press(gui, chart.joint, Qt.Key.Key_Down)
    assert chart.joint.currentData() == "shoulder"
    press(gui, chart.person, Qt.Key.Key_Down)
    assert gui.window.picture._chosen == 1
    press(gui, side.pages.button("settings"))
    assert side.form.isVisible()


def test_messages_are_answered_and_closed_by_keys(gui) -> None:
    gui.start()
    banner, answered = gui.window.banner, []
    banner.show_note("A question", (("Yes", lambda: answered.append(True)),), about="a test")
    press(gui, find_button(banner, "Yes"))
    assert answered == [True]
    gui.qtbot.keyClick(gui.window.picture, Qt.Key.Key_Escape)
    assert not banner.isVisible()


def test_every_command_is_in_a_menu_with_a_letter_of_its_own(gui) -> None:
    bar = gui.window.findChild(QMenuBar)
    menus = [action.menu() for action in bar.actions()]
    letters = [menu.title().partition("&")[2][:1].lower() for menu in menus]
    assert len(set(letters)) == len(letters) == 5
    listed = set()
    while menus:
        actions = menus.pop().actions()
        menus += [action.menu() for action in actions if action.menu() is not None]
        listed |= {action.text() for action in actions}
    assert {action.text() for action in gui.window.actions() if action.text()} <= listed


def test_files_are_processed_by_keys(gui, tmp_path: Path, monkeypatch) -> None:
    clip = write_clip(tmp_path / "a.mp4", shades(4))
    opened = []
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(clip)], ""))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    gui.qtbot.keyClick(gui.window.picture, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    gui.wait(lambda: gui.window.findChild(BatchDialog) is not None)
    dialog = gui.window.findChild(BatchDialog)
    press(gui, dialog.add)
    for switch in dialog.switches.values():
        press(gui, switch)
    assert [switch.isChecked() for switch in dialog.switches.values()] == [False, False, True]
    press(gui, dialog.start)
    gui.wait(lambda: dialog.table.item(0, 2).text() == "done" and dialog.start.isEnabled())
    press(gui, dialog.table, Qt.Key.Key_Down)
    press(gui, dialog.open_result)
    press(gui, dialog.show_results)
    assert len(opened) == 2
    press(gui, dialog.clear)
    assert dialog.table.rowCount() == 0


@pytest.mark.parametrize("of_details", [True, False])
def test_what_is_selected_in_a_message_is_copied_by_key_and_else_the_picture(gui, of_details: bool) -> None:
    gui.start()
    banner = gui.window.banner
    banner.show_failure(Failure("camera 3 does not open", "a trace"), about="source")
    find_button(banner, "Details").click()
    text = banner.details if of_details else banner.text
    text.setFocus()
    text.selectAll()
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    gui.qtbot.keyClick(gui.window.windowHandle(), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    gui.wait(lambda: clipboard.mimeData().hasText() or clipboard.mimeData().hasImage())
    assert ("a trace" in clipboard.text()) if of_details else (clipboard.text() == "camera 3 does not open")
    gui.window.picture.setFocus()
    gui.qtbot.keyClick(gui.window.windowHandle(), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    gui.wait(lambda: clipboard.mimeData().hasImage())
