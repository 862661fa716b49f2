"""Settings act at once, wherever they are changed."""

import socket

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QWidget

from app.gui.theme import DARK, LIGHT, theme
from app.settings import load_settings
from tests.gui.controls import choose, click, turn_wheel


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


def test_an_unset_threshold_shows_what_counts_and_begins_there_when_it_is_set(gui) -> None:
    gui.start()
    form = gui.window.side.form
    editor, detector = form.editor("detection", "person_threshold"), form.editor("detection", "detector").box
    for name, own in (("picodet-192", 0.4), ("mediapipe-ssd", 0.3), ("person-416", 0.44)):
        choose(detector, name)
        assert not editor.box.isEnabled()
        assert editor.box.value() == pytest.approx(own)
    editor.unset.click()
    assert gui.settings.detection.person_threshold == pytest.approx(0.44)
    choose(detector, "mediapipe-ssd")
    assert editor.box.value() == pytest.approx(0.44), "what the user has set stays"


def test_overlay_commands_and_form_show_the_same(gui) -> None:
    gui.start()
    for key, action in gui.window.commands.overlays.items():
        before = getattr(gui.settings.drawing, key)
        action.trigger()
        assert getattr(gui.settings.drawing, key) is not before
        assert gui.window.side.form.editor("drawing", key).switch.isChecked() is not before
    gui.window.commands.mirror.trigger()
    assert not gui.window.picture.viewport.mirrored


def _turn_wheel_over_all(part: QWidget) -> None:
    """Turn the wheel over every control that it might change, to and fro, since some stand at an end."""
    kinds = (QAbstractSpinBox, QComboBox, QSlider)
    controls = [
        control for kind in kinds for control in part.findChildren(kind) if control.isVisible() and control.isEnabled()
    ]
    for control in controls:
        turn_wheel(control, 1)
        turn_wheel(control, -3)
        assert control.focusPolicy() != Qt.FocusPolicy.WheelFocus
    assert controls


def test_the_wheel_changes_nothing_in_the_panel_that_it_scrolls(gui) -> None:
    gui.builder.persons = 2
    gui.start()
    side, before = gui.window.side, gui.settings
    chart = side.figures.angles
    gui.wait(lambda: chart.person.count() == 3)
    _turn_wheel_over_all(side.figures)
    assert (chart.joint.currentData(), chart.person.currentData()) == ("elbow", None)
    side.pages.button("settings").click()
    _turn_wheel_over_all(side.form)
    assert gui.settings == before


def test_the_heatmap_of_a_joint_is_chosen_and_asked_of_the_network(gui) -> None:
    gui.start()
    box = gui.window.side.form.editor("drawing", "heatmap").box
    assert box.currentText() == "None"
    choose(box, "left_wrist")
    assert gui.window.picture._style.heatmap == "left_wrist"
    pipeline = gui.builder.pipelines[0]
    gui.wait(lambda: pipeline.applied and pipeline.applied[-1].drawing.heatmap == "left_wrist")
    choose(box, "none")
    gui.wait(lambda: pipeline.applied[-1].drawing.heatmap == "none")


def test_theme_follows_the_choice(gui) -> None:
    for choice, colours in (("light", LIGHT), ("dark", DARK)):
        next(action for action in gui.window.commands.themes.actions() if action.data() == choice).trigger()
        assert theme().colours == colours
        assert gui.settings.window.theme == choice


def test_the_language_changes_while_the_picture_goes_on(gui) -> None:
    gui.start()
    choose(gui.window.side.form.editor("window", "language").box, "ko")
    gui.wait(lambda: gui.window.commands.record.text() == "녹화")
    gui.wait(lambda: gui.shown() is not None and gui.shown().result is not None)
    assert len(gui.builder.pipelines) == 1
    choose(gui.window.side.form.editor("window", "language").box, "en")
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


def test_a_refused_address_stays_to_be_mended_whatever_else_changes(gui) -> None:
    gui.start()
    form = gui.window.side.form
    editor = form.editor("outputs", "osc_address")
    kept = gui.settings.outputs.osc_address
    editor.line.setText("192.168.1.5")
    editor.line.editingFinished.emit()
    form.editor("drawing", "boxes").switch.click()
    assert editor.line.text() == "192.168.1.5"
    assert not editor._problem.isHidden()
    editor.line.setText(kept)
    editor.line.editingFinished.emit()
    assert editor._problem.isHidden()
    editor.line.setText("192.168.1.")  # and is being typed
    form.editor("drawing", "boxes").switch.click()
    assert editor.line.text() == "192.168.1."
    form.reset_to_defaults()
    assert editor.line.text() == kept


def test_an_output_that_fails_is_told_until_it_is_switched_off(gui) -> None:
    gui.start()
    form, banner = gui.window.side.form, gui.window.banner
    with socket.create_server(("127.0.0.1", 0)) as taken:
        editor = form.editor("outputs", "websocket_address")
        editor.line.setText(f"127.0.0.1:{taken.getsockname()[1]}")
        editor.line.editingFinished.emit()
        form.editor("outputs", "websocket").switch.click()
        gui.wait(banner.isVisible)
    form.editor("outputs", "websocket").switch.click()
    gui.window.presenter.refresh()
    assert not banner.isVisible()


def test_angles_of_the_chosen_person_are_numbers_and_lines(gui) -> None:
    gui.start()
    chart = gui.window.side.figures.angles
    gui.wait(lambda: "°" in chart._numbers["left"][2].text())
    assert [chart.person.itemText(index) for index in range(chart.person.count())] == ["Largest person", "Person 1"]
    choose(chart.person, 1)
    choose(chart.joint, "knee")
    gui.wait(lambda: "°" in chart._numbers["right"][2].text())
    gui.window.commands.overlays["angles"].trigger()
    assert gui.window.picture._style.angles


def test_a_click_on_a_person_chooses_them_and_one_beside_everybody_nobody(gui) -> None:
    gui.builder.persons = 2
    gui.start()
    picture, chart = gui.window.picture, gui.window.side.figures.angles
    gui.wait(lambda: chart.person.count() == 3)
    for number in (2, 1):
        x1, y1, x2, y2 = gui.shown().result.persons[number - 1].box
        click(gui.qtbot, picture, ((x1 + x2) / 2, (y1 + y2) / 2))
        gui.wait(lambda number=number: chart.person.currentData() == number)
        gui.wait(lambda number=number: chart._history.person == number)
        assert picture._chosen == number
    marked = picture.grab().toImage()
    click(gui.qtbot, picture, (2, 2))
    assert chart.person.currentData() is None
    assert picture._chosen is None
    assert picture.grab().toImage() != marked
    choose(chart.person, 2)
    assert picture._chosen == 2
    gui.window.open("1")
    gui.wait(lambda: picture._chosen is None)


def test_other_networks_number_people_anew_so_nobody_stays_chosen(gui) -> None:
    gui.start()
    gui.wait(lambda: gui.shown().result.persons)
    gui.window.side.figures.angles.choose(1)
    gui.window.toolbar.sizes.button("fast").click()
    gui.wait(lambda: gui.controller.engine_info.model == "fast")
    gui.wait(lambda: gui.window.picture._chosen is None)


def test_who_is_not_there_any_more_where_time_goes_back_does_not_stay_chosen(gui) -> None:
    gui.builder.persons = 2
    gui.start("clip.mp4")

    def seek(time_s: float) -> None:
        gui.controller.transport.seek(time_s)
        gui.wait(lambda: gui.shown().frame.time_s == pytest.approx(time_s) and gui.shown().result)

    gui.controller.transport.pause()
    seek(0.5)
    gui.window.side.figures.angles.choose(2)
    for time_s in (0.8, 0.76):
        seek(time_s)
        assert gui.window.picture._chosen == 2
    gui.builder.pipelines[-1].persons = 1  # as where a file begins anew, which numbers people anew
    seek(0.8)
    assert gui.window.picture._chosen == 2, "may be back"
    gui.controller.transport.seek(0.1)
    gui.wait(lambda: gui.window.picture._chosen is None)


def test_a_double_click_and_a_drag_choose_nobody(gui) -> None:
    gui.start()
    picture = gui.window.picture
    gui.wait(lambda: gui.shown().result.persons)
    gui.window.side.figures.angles.choose(1)
    place = QPoint(4, picture.height() // 2)
    gui.qtbot.mouseDClick(picture, Qt.MouseButton.RightButton, pos=place)
    assert not gui.window.isFullScreen()
    gui.qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=place)
    gui.qtbot.mouseDClick(picture, Qt.MouseButton.LeftButton, pos=place)
    assert gui.window.isFullScreen()
    assert picture._chosen == 1
    gui.window.commands.escape.trigger()
    gui.qtbot.mousePress(picture, Qt.MouseButton.LeftButton, pos=place)
    gui.qtbot.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=place + QPoint(80, 0))
    assert picture._chosen == 1
